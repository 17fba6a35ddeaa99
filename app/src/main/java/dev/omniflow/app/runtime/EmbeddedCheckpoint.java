package dev.omniflow.app.runtime;

import java.time.Duration;

/**
 * A completed checkpoint, by Flink's statistics.
 *
 * @param id its number
 * @param stateBytes the state that it stands for
 * @param writtenBytes what was written for it: less than the state where it is incremental
 * @param duration from its begin until the last task had written
 */
public record EmbeddedCheckpoint(long id, long stateBytes, long writtenBytes, Duration duration) {}
