package dev.omniflow.core.schedule;

import java.time.Duration;

/**
 * What a scheduler knows of time. It decides which batch runs when; no result depends on it.
 * Thread-safe.
 */
public interface Clock {
    /** Nanoseconds since some instant; never falls. */
    long nanos();

    /** Runs an action once, on any thread, when that long has passed. The action does not block. */
    void after(Duration delay, Runnable action);
}
