package dev.omniflow.app.bench.recovery;

import java.util.Set;

/**
 * A TaskManager was killed.
 *
 * @param nanos when, on the clock of {@link System#nanoTime}
 * @param resumedUs when the last task of the attempt before had ended, in microseconds since
 *     1970-01-01 UTC: what is emitted later comes from the tasks that recovered
 * @param affected sessions that were live
 */
record Kill(long nanos, long resumedUs, Set<String> affected) {
    Kill {
        affected = Set.copyOf(affected);
    }
}
