package dev.omniflow.ingest;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A clock that never jumps, and the patience to wait on it. What paces a file in real time. */
public interface MonotonicClock {
    /** Nanoseconds since an arbitrary moment. */
    long nanoTime();

    /**
     * Waits.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    void sleep(Duration duration) throws InterruptedException;

    /** That of this process. */
    static MonotonicClock system() {
        return new MonotonicClock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void sleep(Duration duration) throws InterruptedException {
                TimeUnit.NANOSECONDS.sleep(duration.toNanos());
            }
        };
    }
}
