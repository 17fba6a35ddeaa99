package dev.omniflow.app.runtime;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an embedded runtime is to be like.
 *
 * @param runFolder parent of the folders in which runtimes keep their data
 * @param parallelism slots of the cluster, and parallelism of its jobs
 * @param partitionsByTopic topics to make
 * @param checkpointInterval time between checkpoints: how long a transactional output waits
 * @param clusterSettings further settings of Flink, by key; they win
 */
public record EmbeddedRuntimeOptions(
        Path runFolder,
        int parallelism,
        Map<String, Integer> partitionsByTopic,
        Duration checkpointInterval,
        Map<String, String> clusterSettings) {
    public EmbeddedRuntimeOptions {
        if (parallelism < 1) {
            throw new IllegalArgumentException(
                    "parallelism must be at least 1, but is " + parallelism);
        }
        if (checkpointInterval.isNegative() || checkpointInterval.isZero()) {
            throw new IllegalArgumentException(
                    "checkpointInterval must be positive, but is " + checkpointInterval);
        }
        partitionsByTopic = Map.copyOf(new LinkedHashMap<>(partitionsByTopic));
        clusterSettings = Map.copyOf(clusterSettings);
    }

    /** With Flink's settings as the embedded runtime chooses them. */
    public EmbeddedRuntimeOptions(
            Path runFolder,
            int parallelism,
            Map<String, Integer> partitionsByTopic,
            Duration checkpointInterval) {
        this(runFolder, parallelism, partitionsByTopic, checkpointInterval, Map.of());
    }
}
