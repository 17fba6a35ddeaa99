package dev.omniflow.jobs.internal;

import dev.omniflow.flink.RolloutVerdict;
import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.RolloutAccepted;
import dev.omniflow.schemas.RolloutRefused;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Events as Kafka records: Avro single objects under their session's key. */
final class EventSerializer {
    private EventSerializer() {}

    static KafkaRecordSerializationSchema<OutputEvent> outputs(String topic) {
        return new Outputs(topic);
    }

    /**
     * Outputs under their sessions' keys. A sink that reuses transactional ids asks which topic it
     * writes.
     */
    private record Outputs(String topic)
            implements KafkaRecordSerializationSchema<OutputEvent>, KafkaDatasetFacetProvider {
        private static final long serialVersionUID = 1;

        @Override
        public ProducerRecord<byte[], byte[]> serialize(
                OutputEvent output, KafkaSinkContext context, @Nullable Long timestamp) {
            return new ProducerRecord<>(
                    topic,
                    null,
                    usable(timestamp),
                    output.getSession().getBytes(StandardCharsets.UTF_8),
                    EventCodec.OUTPUT.encode(output));
        }

        @Override
        public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
            return Optional.of(
                    new DefaultKafkaDatasetFacet(
                            DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
        }
    }

    static KafkaRecordSerializationSchema<DeadLetter> deadLetters() {
        return (letter, context, timestamp) -> {
            byte[] key = null;
            if (letter.getKey() != null) {
                key = new byte[letter.getKey().remaining()];
                letter.getKey().duplicate().get(key);
            }
            return new ProducerRecord<>(
                    Topics.DEAD_LETTER,
                    null,
                    usable(timestamp),
                    key,
                    EventCodec.DEAD_LETTER.encode(letter));
        };
    }

    /** Verdicts as decisions on their rollouts, in the one partition of the log of rollouts. */
    static KafkaRecordSerializationSchema<RolloutVerdict> rollouts() {
        return (verdict, context, timestamp) ->
                new ProducerRecord<>(
                        Topics.MODELS,
                        null,
                        verdict.role().getBytes(StandardCharsets.UTF_8),
                        EventCodec.MODEL.encode(
                                new ModelEvent(
                                        verdict.role(),
                                        verdict.rollout(),
                                        ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()),
                                        verdict.refusal() == null
                                                ? new RolloutAccepted()
                                                : new RolloutRefused(verdict.refusal()))));
    }

    /** Kafka refuses times before 1970; the broker's time is taken then. */
    private static @Nullable Long usable(@Nullable Long timestamp) {
        return timestamp == null || timestamp < 0 ? null : timestamp;
    }
}
