package dev.omniflow.app.bench.recovery;

import java.util.List;

/**
 * What became of a job that was disturbed.
 *
 * @param measured during the disturbance
 * @param check comparison with the fault-free run
 * @param seen new outputs of the live topic
 * @param sessions that were opened
 * @param repeated outputs that came again on the live topic
 * @param unreadable records of the live topic that were no outputs
 */
record Disturbed<T>(
        T measured,
        CheckResult check,
        List<Seen> seen,
        int sessions,
        long repeated,
        long unreadable) {
    Disturbed {
        seen = List.copyOf(seen);
    }
}
