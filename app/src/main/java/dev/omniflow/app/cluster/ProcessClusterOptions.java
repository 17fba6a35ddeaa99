package dev.omniflow.app.cluster;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a cluster of processes is to be like.
 *
 * @param taskManagers TaskManager processes at the start
 * @param slotsPerTaskManager parallel subtasks that a TaskManager takes; more slots in all than a
 *     job's parallelism are spare, and let it go on at once when a TaskManager dies
 * @param respawn whether a TaskManager that died is replaced by a new process
 * @param partitionsByTopic topics to make
 * @param checkpointInterval time between checkpoints: how long a transactional output waits
 * @param flinkSettings further settings of Flink, as in its {@code config.yaml}; they win
 * @param taskManagerHeapMb Java heap of a TaskManager, in MiB; models and tensors lie outside
 */
public record ProcessClusterOptions(
        int taskManagers,
        int slotsPerTaskManager,
        boolean respawn,
        Map<String, Integer> partitionsByTopic,
        Duration checkpointInterval,
        Map<String, String> flinkSettings,
        int taskManagerHeapMb) {
    public ProcessClusterOptions {
        atLeast(1, "taskManagers", taskManagers);
        atLeast(1, "slotsPerTaskManager", slotsPerTaskManager);
        atLeast(64, "taskManagerHeapMb", taskManagerHeapMb);
        if (checkpointInterval.isNegative() || checkpointInterval.isZero()) {
            throw new IllegalArgumentException(
                    "checkpointInterval must be positive, but is " + checkpointInterval);
        }
        partitionsByTopic = Map.copyOf(partitionsByTopic);
        flinkSettings = Map.copyOf(flinkSettings);
    }

    /** Two TaskManagers of one slot each that are replaced when they die; no topics. */
    public static ProcessClusterOptions defaults() {
        return new ProcessClusterOptions(
                2, 1, true, Map.of(), ClusterSettings.CHECKPOINT_INTERVAL, Map.of(), 512);
    }

    /** The same with so many TaskManagers of so many slots. */
    public ProcessClusterOptions withTaskManagers(int count, int slotsEach) {
        return new ProcessClusterOptions(
                count,
                slotsEach,
                respawn,
                partitionsByTopic,
                checkpointInterval,
                flinkSettings,
                taskManagerHeapMb);
    }

    /** The same, but with TaskManagers replaced when they die, or not. */
    public ProcessClusterOptions withRespawn(boolean wanted) {
        return new ProcessClusterOptions(
                taskManagers,
                slotsPerTaskManager,
                wanted,
                partitionsByTopic,
                checkpointInterval,
                flinkSettings,
                taskManagerHeapMb);
    }

    /** The same with these topics. */
    public ProcessClusterOptions withTopics(Map<String, Integer> topics) {
        return new ProcessClusterOptions(
                taskManagers,
                slotsPerTaskManager,
                respawn,
                topics,
                checkpointInterval,
                flinkSettings,
                taskManagerHeapMb);
    }

    /** The same with another time between checkpoints. */
    public ProcessClusterOptions withCheckpointInterval(Duration interval) {
        return new ProcessClusterOptions(
                taskManagers,
                slotsPerTaskManager,
                respawn,
                partitionsByTopic,
                interval,
                flinkSettings,
                taskManagerHeapMb);
    }

    /** The same with one more of Flink's settings, for example {@code state.backend.type}. */
    public ProcessClusterOptions withFlinkSetting(String key, String value) {
        Map<String, String> settings = new LinkedHashMap<>(flinkSettings);
        settings.put(key, value);
        return new ProcessClusterOptions(
                taskManagers,
                slotsPerTaskManager,
                respawn,
                partitionsByTopic,
                checkpointInterval,
                settings,
                taskManagerHeapMb);
    }

    private static void atLeast(int least, String name, int value) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " must be at least " + least + ", but is " + value);
        }
    }
}
