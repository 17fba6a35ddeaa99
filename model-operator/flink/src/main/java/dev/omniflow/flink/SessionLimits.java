package dev.omniflow.flink;

import java.io.Serializable;
import java.time.Duration;

/**
 * What bounds the memory and the state of sessions.
 *
 * @param maxPendingInputs inputs of all sessions of a subtask that may wait before it takes no more
 * @param unloadAfter how long a session at rest stays in memory after its last input
 * @param forgetAfter how long a session without inputs keeps its state
 */
record SessionLimits(int maxPendingInputs, Duration unloadAfter, Duration forgetAfter)
        implements Serializable {
    static final SessionLimits DEFAULTS =
            new SessionLimits(256, Duration.ofMinutes(1), Duration.ofHours(24));

    SessionLimits {
        if (maxPendingInputs < 1) {
            throw new IllegalArgumentException(
                    "maxPendingInputs is " + maxPendingInputs + ", not >= 1");
        }
        requirePositive("unloadAfter", unloadAfter);
        requirePositive("forgetAfter", forgetAfter);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.toMillis() < 1) {
            throw new IllegalArgumentException(name + " is " + value + ", not >= 1 ms");
        }
    }

    SessionLimits withMaxPendingInputs(int inputs) {
        return new SessionLimits(inputs, unloadAfter, forgetAfter);
    }

    SessionLimits withUnloadAfter(Duration duration) {
        return new SessionLimits(maxPendingInputs, duration, forgetAfter);
    }

    SessionLimits withForgetAfter(Duration duration) {
        return new SessionLimits(maxPendingInputs, unloadAfter, duration);
    }
}
