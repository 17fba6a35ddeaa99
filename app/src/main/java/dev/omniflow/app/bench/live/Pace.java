package dev.omniflow.app.bench.live;

import java.time.Duration;

/** Real time since it was made. Used by one thread. */
public final class Pace {
    /** Sleeping for less costs more than it gives. */
    private static final Duration LEAST_SLEEP = Duration.ofMillis(2);

    private final long begin = System.nanoTime();

    /** Waits until so much time has passed since the begin; at once if it has. */
    public void await(Duration offset) throws InterruptedException {
        long left = begin + offset.toNanos() - System.nanoTime();
        if (left >= LEAST_SLEEP.toNanos()) {
            Thread.sleep(left / 1_000_000);
        }
    }

    /** How much time has passed. */
    public Duration passed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
