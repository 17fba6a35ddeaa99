package dev.omniflow.app.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster in this process: one JobManager, one TaskManager with a slot for each unit of
 * parallelism, loopback only. A job that fails is not restarted: the failure is the result.
 *
 * <p>Safe for use by several threads; {@link #close} once.
 */
final class EmbeddedCluster implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);

    private final MiniCluster cluster;
    private final Configuration configuration;

    private EmbeddedCluster(MiniCluster cluster, Configuration configuration) {
        this.cluster = cluster;
        this.configuration = configuration;
    }

    /** Starts a cluster; returns once it takes jobs. */
    static EmbeddedCluster start(
            Path folder,
            int parallelism,
            Duration checkpointInterval,
            Map<String, String> furtherSettings)
            throws IOException {
        Configuration configuration = configuration(folder, parallelism, checkpointInterval);
        configuration.addAll(Configuration.fromMap(furtherSettings));
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(parallelism)
                                .setCommonBindAddress(HOST)
                                .build());
        try {
            cluster.start();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the Flink cluster did not start", e);
        }
        return new EmbeddedCluster(cluster, configuration);
    }

    /** An environment with this cluster's settings, to define a job in. */
    StreamExecutionEnvironment environment() {
        return new StreamExecutionEnvironment(configuration);
    }

    /** Submits the job that was defined in {@code environment}. */
    EmbeddedJob submit(StreamExecutionEnvironment environment)
            throws IOException, InterruptedException {
        return EmbeddedJob.submit(cluster, environment.getStreamGraph().getJobGraph());
    }

    @Override
    public void close() throws IOException {
        try {
            cluster.closeAsync().get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the Flink cluster did not close cleanly", e);
        } catch (InterruptedException e) {
            // Whoever interrupts does not want to wait; the cluster goes on closing by itself.
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            throw new IOException(
                    "the Flink cluster did not close within " + CLOSE_LIMIT.toSeconds() + " s", e);
        }
    }

    private static Configuration configuration(
            Path folder, int parallelism, Duration checkpointInterval) {
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        settings.set(CoreOptions.TMP_DIRS, folder.resolve("tmp").toString());

        settings.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ZERO);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
        settings.set(
                CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                CheckpointingMode.EXACTLY_ONCE);
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());

        settings.set(RestOptions.PORT, 0);
        settings.set(RestOptions.BIND_PORT, "0");
        settings.set(RestOptions.ADDRESS, HOST);
        settings.set(RestOptions.BIND_ADDRESS, HOST);
        settings.set(JobManagerOptions.BIND_HOST, HOST);
        settings.set(BlobServerOptions.PORT, "0");
        settings.set(TaskManagerOptions.BIND_HOST, HOST);

        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(4));

        // All in one process: a missed heartbeat means a laptop that slept, not a machine that
        // died.
        settings.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofHours(12));
        return settings;
    }
}
