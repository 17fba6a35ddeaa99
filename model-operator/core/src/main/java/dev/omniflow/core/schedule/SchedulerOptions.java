package dev.omniflow.core.schedule;

import java.time.Duration;
import java.util.Objects;

/**
 * How a scheduler shares a device out.
 *
 * @param lanes batches that run at a time
 * @param seats sessions that may have calls waiting or running at a time; others wait for a seat
 * @param maxBatchSize most calls in a batch, whatever the graph allows
 * @param maxQueueDelay how long an idle lane waits for a batch to fill; zero runs what is there
 * @param starvedAfter how long a call waits before it counts as starved
 * @param maxBatchCost what a batch may cost, by what runs of its graph took so far, while more
 *     urgent calls are about
 * @param maxLinger how long at most a lane waits, after a run, for the same sessions to come back
 */
public record SchedulerOptions(
        int lanes,
        int seats,
        int maxBatchSize,
        Duration maxQueueDelay,
        Duration starvedAfter,
        Duration maxBatchCost,
        Duration maxLinger) {
    /** As good as never, and still far from where sums of nanoseconds overflow. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    public SchedulerOptions {
        requireAtLeastOne("lanes", lanes);
        requireAtLeastOne("seats", seats);
        requireAtLeastOne("maxBatchSize", maxBatchSize);
        requireDuration("maxQueueDelay", maxQueueDelay);
        requireDuration("starvedAfter", starvedAfter);
        requireDuration("maxBatchCost", maxBatchCost);
        requireDuration("maxLinger", maxLinger);
    }

    /**
     * 4,096 seats, batches as large as the graphs allow, no delay, starved after a second, 50 ms
     * while more urgent calls are about, 1 ms for sessions to come back.
     */
    public static SchedulerOptions ofLanes(int lanes) {
        return new SchedulerOptions(
                lanes,
                4096,
                Integer.MAX_VALUE,
                Duration.ZERO,
                Duration.ofSeconds(1),
                Duration.ofMillis(50),
                Duration.ofMillis(1));
    }

    /** The same with other seats. */
    public SchedulerOptions withSeats(int newSeats) {
        return new SchedulerOptions(
                lanes,
                newSeats,
                maxBatchSize,
                maxQueueDelay,
                starvedAfter,
                maxBatchCost,
                maxLinger);
    }

    /** The same with another limit of the batch. */
    public SchedulerOptions withMaxBatchSize(int newMaxBatchSize) {
        return new SchedulerOptions(
                lanes,
                seats,
                newMaxBatchSize,
                maxQueueDelay,
                starvedAfter,
                maxBatchCost,
                maxLinger);
    }

    /** The same with another delay. */
    public SchedulerOptions withMaxQueueDelay(Duration newMaxQueueDelay) {
        return new SchedulerOptions(
                lanes,
                seats,
                maxBatchSize,
                newMaxQueueDelay,
                starvedAfter,
                maxBatchCost,
                maxLinger);
    }

    /** The same with another longest wait after a run. */
    public SchedulerOptions withMaxLinger(Duration newMaxLinger) {
        return new SchedulerOptions(
                lanes,
                seats,
                maxBatchSize,
                maxQueueDelay,
                starvedAfter,
                maxBatchCost,
                newMaxLinger);
    }

    private static void requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + ", not >= 1");
        }
    }

    private static void requireDuration(String name, Duration value) {
        if (Objects.requireNonNull(value, name).isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + ", not >= 0");
        }
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " is " + value + ", not <= " + LONGEST);
        }
    }
}
