package dev.omniflow.flink.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;

/**
 * Lets what travels with the stream pass only when every input that came before it has had its
 * effects: watermarks, and whatever else must not overtake them.
 *
 * <p>Not thread-safe.
 */
public final class WatermarkHold {
    private final TreeSet<Long> unsettled = new TreeSet<>();
    private final Deque<Held> held = new ArrayDeque<>();
    private long arrivals;

    private record Held(long after, Runnable passing) {}

    /**
     * An input came: holds what comes after it until {@link #settled}. Returns its arrival number.
     */
    public long arrived() {
        unsettled.add(arrivals);
        return arrivals++;
    }

    /** The input of that arrival number has had its effects. */
    public void settled(long arrival) {
        if (unsettled.remove(arrival)) {
            release();
        }
    }

    /**
     * Something came that passes, in its turn, when all inputs before it have had their effects.
     */
    public void hold(Runnable passing) {
        held.add(new Held(arrivals, passing));
        release();
    }

    private void release() {
        long oldest = unsettled.isEmpty() ? Long.MAX_VALUE : unsettled.first();
        while (!held.isEmpty() && held.getFirst().after() <= oldest) {
            held.removeFirst().passing().run();
        }
    }
}
