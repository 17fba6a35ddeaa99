package dev.omniflow.jobs.internal;

import dev.omniflow.flink.RolloutVerdict;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Topics;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;

/**
 * The two guarantees as Kafka sinks: at once and at least once, or as a record and exactly once.
 */
public final class Sinks {
    private Sinks() {}

    /** Outputs as soon as they are there; a failure can repeat them under the same ids. */
    public static KafkaSink<OutputEvent> live(String brokers) {
        return KafkaSink.<OutputEvent>builder()
                .setBootstrapServers(brokers)
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(EventSerializer.outputs(Topics.LIVE))
                .setProperty("linger.ms", "0")
                .build();
    }

    /** Outputs in transactions that end with checkpoints. */
    public static KafkaSink<OutputEvent> record(
            String brokers, String topic, ReadableConfig options) {
        return KafkaSink.<OutputEvent>builder()
                .setBootstrapServers(brokers)
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(
                        options.get(CaptionsJobOptions.TRANSACTIONAL_ID_PREFIX) + "-" + topic)
                // A new id for each checkpoint would pile up in the broker, which remembers ids for
                // days.
                .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
                .setRecordSerializer(EventSerializer.outputs(topic))
                .setProperty(
                        "transaction.timeout.ms",
                        Long.toString(
                                options.get(CaptionsJobOptions.TRANSACTION_TIMEOUT).toMillis()))
                .build();
    }

    /** What could not be read. */
    public static KafkaSink<DeadLetter> deadLetters(String brokers) {
        return KafkaSink.<DeadLetter>builder()
                .setBootstrapServers(brokers)
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(EventSerializer.deadLetters())
                // A dead letter is the record that it holds and some more.
                .setProperty("max.request.size", Integer.toString(Topics.MAX_DEAD_LETTER_BYTES))
                .build();
    }

    /** Decisions on rollouts; a failure can repeat them, and the first counts. */
    public static KafkaSink<RolloutVerdict> rollouts(String brokers) {
        return KafkaSink.<RolloutVerdict>builder()
                .setBootstrapServers(brokers)
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(EventSerializer.rollouts())
                .setProperty("linger.ms", "0")
                .build();
    }
}
