package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphCache;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/** A cache of a length, which stays on the lane that placed it. */
final class RowCache implements GraphCache {
    private static final int BUCKET = 4;

    private final AtomicBoolean inUse = new AtomicBoolean();
    private OptionalInt home = OptionalInt.empty();
    private int length;

    synchronized void grow(int lane) {
        length++;
        home = OptionalInt.of(lane);
    }

    /** Whether nobody else uses it. */
    boolean beginUse() {
        return inUse.compareAndSet(false, true);
    }

    void endUse() {
        inUse.set(false);
    }

    @Override
    public synchronized int length() {
        return length;
    }

    @Override
    public synchronized OptionalInt home() {
        return home;
    }

    @Override
    public synchronized Object shapeKey(int bucket) {
        return length / BUCKET;
    }

    @Override
    public void close() {}
}
