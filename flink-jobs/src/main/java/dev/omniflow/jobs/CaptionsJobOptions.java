package dev.omniflow.jobs;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;

/** Options of the captions topology. */
public final class CaptionsJobOptions {
    public static final ConfigOption<String> BOOTSTRAP_SERVERS =
            key("omniflow.kafka.bootstrap-servers")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Kafka brokers, as host:port, separated by commas.");

    public static final ConfigOption<List<String>> BUNDLES =
            key("omniflow.bundles")
                    .stringType()
                    .asList()
                    .noDefaultValue()
                    .withDescription(
                            "Folders of the bundles that sessions may name, readable on every task manager.");

    public static final ConfigOption<Integer> LANES =
            key("omniflow.inference.lanes")
                    .intType()
                    .defaultValue(0)
                    .withDescription(
                            "Batches that run at a time in a process; 0 means one for each processor core.");

    public static final ConfigOption<Integer> THREADS_PER_CALL =
            key("omniflow.inference.threads-per-call")
                    .intType()
                    .defaultValue(1)
                    .withDescription(
                            "Threads that work on one batch. More lanes carry more sessions, more threads answer one"
                                    + " session sooner.");

    public static final ConfigOption<Integer> MAX_PENDING_INPUTS =
            key("omniflow.inference.max-pending-inputs")
                    .intType()
                    .defaultValue(256)
                    .withDescription(
                            "Inputs of all sessions of a subtask that may wait before it takes no more.");

    public static final ConfigOption<Duration> MAX_OUT_OF_ORDER =
            key("omniflow.watermark.max-out-of-order")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(1))
                    .withDescription(
                            "How far the clocks of the gateways that share a partition may differ.");

    public static final ConfigOption<Duration> IDLE_PARTITION =
            key("omniflow.watermark.idle-partition")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(5))
                    .withDescription(
                            "After which silence a partition no longer holds the watermark back.");

    public static final ConfigOption<Duration> TRANSACTION_TIMEOUT =
            key("omniflow.kafka.transaction-timeout")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(10))
                    .withDescription(
                            "How long a transaction of the record may stay open, hence how long the job may be down"
                                    + " without losing one. At most the broker's transaction.max.timeout.ms.");

    public static final ConfigOption<String> TRANSACTIONAL_ID_PREFIX =
            key("omniflow.kafka.transactional-id-prefix")
                    .stringType()
                    .defaultValue("omniflow-captions")
                    .withDescription(
                            "Prefix of the transactional ids; different for every job on a Kafka cluster.");

    private CaptionsJobOptions() {}

    /** All of them, for the docs and for checks. */
    public static List<ConfigOption<?>> all() {
        return List.of(
                BOOTSTRAP_SERVERS,
                BUNDLES,
                LANES,
                THREADS_PER_CALL,
                MAX_PENDING_INPUTS,
                MAX_OUT_OF_ORDER,
                IDLE_PARTITION,
                TRANSACTION_TIMEOUT,
                TRANSACTIONAL_ID_PREFIX);
    }
}
