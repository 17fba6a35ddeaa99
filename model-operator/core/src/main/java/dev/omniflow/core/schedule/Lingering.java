package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphRef;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How long a lane that has just run a batch waits for the same sessions to come back. Their results
 * reach them one after another, and so do their next calls: a lane that took the first of them at
 * once would run it alone, and the others behind it. The wait is short beside the run, and ends as
 * soon as all are there.
 *
 * <p>Guarded by the scheduler's lock.
 */
final class Lingering {
    /** A lane waits no longer than this share of the run that it has behind it. */
    private static final int SHARE_OF_RUN = 10;

    /** Results of a run need so long to come back as calls, however short it was. */
    private static final long LEAST_NANOS = 100_000;

    private final long mostNanos;
    private final @Nullable Wait[] waits;

    /** Calls that wait for each lane by graph; the last number is of those that any lane takes. */
    private final Map<GraphRef, int[]> ready = new HashMap<>();

    private record Wait(GraphRef graph, int expected, long untilNanos) {}

    Lingering(SchedulerOptions options) {
        mostNanos = options.maxLinger().toNanos();
        waits = new Wait[options.lanes()];
    }

    void arrived(PendingCall call) {
        ready.computeIfAbsent(call.call().graph(), graph -> new int[waits.length + 1])[
                home(call)]++;
    }

    void gone(PendingCall call) {
        int[] counts = ready.get(call.call().graph());
        if (counts == null) {
            throw new IllegalStateException(call + " never arrived");
        }
        counts[home(call)]--;
    }

    private int home(PendingCall call) {
        return call.place().home().orElse(waits.length);
    }

    /**
     * A lane ran a batch.
     *
     * @param limit most calls in its next one
     */
    void ran(int lane, GraphRef graph, int calls, int limit, long tookNanos, long now) {
        int expected = Math.min(limit, calls + waiting(lane, graph));
        long wait = Math.min(mostNanos, Math.max(LEAST_NANOS, tookNanos / SHARE_OF_RUN));
        waits[lane] = expected > 1 && wait > 0 ? new Wait(graph, expected, now + wait) : null;
    }

    /** Until when a lane waits for more calls of that graph; empty if it does not. */
    OptionalLong until(int lane, GraphRef graph, long now) {
        Wait wait = waits[lane];
        if (wait == null
                || !wait.graph().equals(graph)
                || now >= wait.untilNanos()
                || waiting(lane, graph) >= wait.expected()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(wait.untilNanos());
    }

    private int waiting(int lane, GraphRef graph) {
        int[] counts = ready.get(graph);
        return counts == null ? 0 : counts[lane] + counts[waits.length];
    }
}
