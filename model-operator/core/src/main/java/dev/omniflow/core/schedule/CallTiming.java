package dev.omniflow.core.schedule;

/**
 * How a call went.
 *
 * @param queuedNanos from when it was handed in until its batch ran
 * @param computeNanos how long the run of its batch took
 * @param batchSize calls in that batch
 */
public record CallTiming(long queuedNanos, long computeNanos, int batchSize) {}
