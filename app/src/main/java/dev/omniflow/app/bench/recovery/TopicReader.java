package dev.omniflow.app.bench.recovery;

import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all that is committed in a topic now, and nothing more clever: repeats are kept. */
final class TopicReader {
    private static final Duration POLL = Duration.ofMillis(200);

    private TopicReader() {}

    /** The outputs of a topic, in the order of each partition. */
    static List<OutputEvent> outputs(String brokers, String topic) throws IOException {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        read(brokers, topic, records::add);
        List<OutputEvent> outputs = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                outputs.add(EventCodec.OUTPUT.decode(record.value()));
            } catch (UnreadableEventException e) {
                throw new IOException(
                        "record "
                                + record.offset()
                                + " of partition "
                                + record.partition()
                                + " of "
                                + topic
                                + " is no output: "
                                + e.getMessage(),
                        e);
            }
        }
        return outputs;
    }

    /** Gives every record of a topic to a receiver. */
    static void read(
            String brokers, String topic, Consumer<ConsumerRecord<byte[], byte[]>> receiver) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(POLL).forEach(receiver);
            }
        }
    }
}
