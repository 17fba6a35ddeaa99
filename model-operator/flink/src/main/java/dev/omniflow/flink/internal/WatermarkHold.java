package dev.omniflow.flink.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.watermark.Watermark;

/**
 * Lets a watermark pass only when every input that came before it has had its effects.
 *
 * <p>Not thread-safe.
 */
public final class WatermarkHold {
    private final Consumer<Watermark> downstream;
    private final TreeSet<Long> unsettled = new TreeSet<>();
    private final Deque<Held> held = new ArrayDeque<>();
    private long arrivals;

    private record Held(long after, Watermark watermark) {}

    public WatermarkHold(Consumer<Watermark> downstream) {
        this.downstream = downstream;
    }

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

    /** A watermark came. */
    public void watermark(Watermark watermark) {
        held.add(new Held(arrivals, watermark));
        release();
    }

    private void release() {
        long oldest = unsettled.isEmpty() ? Long.MAX_VALUE : unsettled.first();
        while (!held.isEmpty() && held.getFirst().after() <= oldest) {
            downstream.accept(held.removeFirst().watermark());
        }
    }
}
