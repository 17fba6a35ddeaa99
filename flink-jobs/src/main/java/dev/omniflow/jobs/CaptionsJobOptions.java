package dev.omniflow.jobs;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;

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

    public static final ConfigOption<List<String>> BUNDLE_LIBRARIES =
            key("omniflow.bundle-libraries")
                    .stringType()
                    .asList()
                    .defaultValues()
                    .withDescription(
                            "Folders that hold further bundles as name/version, readable on every task manager."
                                    + " A bundle that a session names is looked for there and loaded.");

    public static final ConfigOption<Boolean> ROLLOUTS =
            key("omniflow.models.rollouts")
                    .booleanType()
                    .defaultValue(true)
                    .withDescription(
                            "Whether bundles change while the job runs, as the topic omni.models says, which must be"
                                    + " there then. If not, those configured stay loaded for good.");

    public static final ConfigOption<String> DEVICE =
            key("omniflow.inference.device")
                    .stringType()
                    .defaultValue("cpu")
                    .withDescription(
                            "Where graphs run: cpu, or cuda:N for a graphics card of every task manager; the"
                                    + " latter needs a build with -Pcuda.");

    public static final ConfigOption<MemorySize> MAX_DEVICE_MEMORY =
            key("omniflow.inference.max-device-memory")
                    .memoryType()
                    .defaultValue(MemorySize.ZERO)
                    .withDescription(
                            "Most memory of a graphics card that the runs of one graph may take, besides its weights;"
                                    + " 0 means no limit. Each graph of each bundle counts for itself.");

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

    public static final ConfigOption<Duration> KEEP_FOR =
            key("omniflow.inference.keep-for")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "How long models that nothing uses any more stay loaded. A job that restarts after a failure"
                                    + " finds them there.");

    public static final ConfigOption<Integer> SEATS =
            key("omniflow.inference.seats")
                    .intType()
                    .defaultValue(4096)
                    .withDescription(
                            "Sessions of a process that may have calls waiting or running at a time; others wait for"
                                    + " one of them to rest.");

    public static final ConfigOption<Integer> MAX_BATCH_SIZE =
            key("omniflow.inference.max-batch-size")
                    .intType()
                    .defaultValue(0)
                    .withDescription(
                            "Most calls in a batch; 0 means as many as the graph's bundle allows.");

    public static final ConfigOption<Duration> MAX_QUEUE_DELAY =
            key("omniflow.inference.max-queue-delay")
                    .durationType()
                    .defaultValue(Duration.ZERO)
                    .withDescription(
                            "How long an idle lane waits for a batch to fill. Zero runs what is there: batches form"
                                    + " while lanes are busy.");

    public static final ConfigOption<Duration> UNLOAD_AFTER =
            key("omniflow.session.unload-after")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(1))
                    .withDescription(
                            "How long a session at rest stays in memory after its last event.");

    public static final ConfigOption<Duration> FORGET_AFTER =
            key("omniflow.session.forget-after")
                    .durationType()
                    .defaultValue(Duration.ofHours(24))
                    .withDescription(
                            "How long a session that never ended keeps its state after its last event.");

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
                BUNDLE_LIBRARIES,
                ROLLOUTS,
                DEVICE,
                MAX_DEVICE_MEMORY,
                LANES,
                THREADS_PER_CALL,
                KEEP_FOR,
                SEATS,
                MAX_BATCH_SIZE,
                MAX_QUEUE_DELAY,
                UNLOAD_AFTER,
                FORGET_AFTER,
                MAX_PENDING_INPUTS,
                MAX_OUT_OF_ORDER,
                IDLE_PARTITION,
                TRANSACTION_TIMEOUT,
                TRANSACTIONAL_ID_PREFIX);
    }
}
