package dev.omniflow.app.bench.live;

import java.time.Duration;
import java.util.Map;

/**
 * How the job under live sessions runs.
 *
 * @param parallelism its parallel tasks
 * @param checkpointInterval time between checkpoints that come by themselves
 * @param stateBackend where it keeps state
 * @param jobOptions options of the captions job, by key
 */
public record LiveJobOptions(
        int parallelism,
        Duration checkpointInterval,
        StateBackend stateBackend,
        Map<String, String> jobOptions) {
    public LiveJobOptions {
        jobOptions = Map.copyOf(jobOptions);
    }
}
