package dev.omniflow.app.cluster;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ClusterOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ResourceManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/**
 * Settings of Flink for a cluster whose TaskManagers are killed and must not be missed for long.
 */
final class ClusterSettings {
    /** How long a transactional output waits, unless somebody says otherwise. */
    static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(500);

    private ClusterSettings() {}

    /** Settings of every cluster, wherever its processes run. */
    static Configuration common() {
        Configuration settings = new Configuration();
        job(settings);
        failures(settings);
        memory(settings);
        settings.set(MetricOptions.METRIC_FETCHER_UPDATE_INTERVAL, Duration.ofMillis(500));
        return settings;
    }

    /**
     * Settings of a cluster on loopback.
     *
     * @param folder for checkpoints, savepoints and temporary files
     */
    static Configuration onLoopback(
            Path folder, int jobManagerPort, int restPort, ProcessClusterOptions options) {
        Configuration settings = common();
        address(settings, jobManagerPort, restPort);
        settings.set(TaskManagerOptions.NUM_TASK_SLOTS, options.slotsPerTaskManager());
        settings.set(CoreOptions.TMP_DIRS, folder.resolve("tmp").toString());
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(
                CheckpointingOptions.SAVEPOINT_DIRECTORY,
                folder.resolve("savepoints").toUri().toString());
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, options.checkpointInterval());
        options.flinkSettings().forEach(settings::setString);
        return settings;
    }

    private static void address(Configuration settings, int jobManagerPort, int restPort) {
        settings.set(JobManagerOptions.ADDRESS, FreePorts.HOST);
        settings.set(JobManagerOptions.PORT, jobManagerPort);
        settings.set(JobManagerOptions.BIND_HOST, FreePorts.HOST);
        settings.set(RestOptions.ADDRESS, FreePorts.HOST);
        settings.set(RestOptions.BIND_ADDRESS, FreePorts.HOST);
        settings.set(RestOptions.PORT, restPort);
        settings.set(RestOptions.BIND_PORT, Integer.toString(restPort));
        settings.set(BlobServerOptions.PORT, "0");
        settings.set(TaskManagerOptions.HOST, FreePorts.HOST);
        settings.set(TaskManagerOptions.BIND_HOST, FreePorts.HOST);
        settings.set(TaskManagerOptions.RPC_PORT, "0");
    }

    private static void job(Configuration settings) {
        settings.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ZERO);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        // Savepoints carry it: the bound of every later parallelism.
        settings.set(PipelineOptions.MAX_PARALLELISM, 128);
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINT_INTERVAL);
        settings.set(
                CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                CheckpointingMode.EXACTLY_ONCE);
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, Duration.ofMinutes(1));
        // A checkpoint that a kill breaks off is no reason to restart a second time.
        settings.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, 100);
    }

    private static void failures(Configuration settings) {
        // A process that is gone refuses the next call: two in a row, and it is given up. The
        // timeout is for one that lives and is silent, and must outlast a busy machine.
        settings.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofMillis(200));
        settings.set(HeartbeatManagerOptions.HEARTBEAT_RPC_FAILURE_THRESHOLD, 2);
        settings.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofSeconds(20));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        // While a TaskManager is being replaced the job waits for its slots, and does not fail for
        // the lack of them.
        settings.set(
                ResourceManagerOptions.STANDALONE_CLUSTER_STARTUP_PERIOD_TIME, Duration.ofDays(24));
        settings.set(ClusterOptions.ERROR_REGISTRATION_DELAY, Duration.ofMillis(200));
        settings.set(
                TaskManagerOptions.TASK_MANAGER_LOAD_BALANCE_MODE,
                TaskManagerOptions.TaskManagerLoadBalanceMode.SLOTS);
    }

    private static void memory(Configuration settings) {
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(48));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(48));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
    }
}
