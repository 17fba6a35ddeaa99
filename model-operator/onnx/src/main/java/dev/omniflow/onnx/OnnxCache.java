package dev.omniflow.onnx;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * One session's tensors between its calls, in direct memory.
 *
 * <p>Used by one call at a time; {@link #close} may come from another thread while a call runs, and
 * then takes effect when that call returns.
 */
final class OnnxCache implements GraphCache {
    private static final ByteBuffer EMPTY =
            ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());

    private final BufferPool pool;
    private final Map<String, Entry> entries = new TreeMap<>();
    private OptionalInt home = OptionalInt.empty();
    private int length;
    private boolean inUse;
    private boolean closed;

    /**
     * Row in its lane's arenas that held this cache last; -1 for none. Touched by that lane only.
     */
    private int row = -1;

    OnnxCache(BufferPool pool) {
        this.pool = pool;
    }

    /** A float tensor without its batch dimension. */
    static final class Entry {
        private ByteBuffer buffer;
        private long[] rowShape;
        private long version;

        private Entry(ByteBuffer buffer, long[] rowShape) {
            this.buffer = buffer;
            this.rowShape = rowShape;
        }

        FloatBuffer floats() {
            return buffer.slice(0, rowBytes()).order(buffer.order()).asFloatBuffer();
        }

        ByteBuffer bytes() {
            return buffer.slice(0, rowBytes()).order(buffer.order());
        }

        int rowBytes() {
            return Math.toIntExact(Shapes.elements(rowShape) * Float.BYTES);
        }

        long[] rowShape() {
            return rowShape;
        }

        /** Raised by every change that is not told to the arenas. */
        long version() {
            return version;
        }
    }

    @Override
    public synchronized OptionalInt home() {
        return home;
    }

    synchronized void place(int lane) {
        home = OptionalInt.of(lane);
    }

    @Override
    public synchronized int length() {
        return length;
    }

    @Override
    public synchronized Object shapeKey(int bucket) {
        // Appended entries are kept padded to their bucket, so their shapes say the padded length.
        Map<String, List<Long>> shapes = new TreeMap<>();
        entries.forEach(
                (name, entry) -> shapes.put(name, Arrays.stream(entry.rowShape).boxed().toList()));
        return shapes;
    }

    synchronized void beginUse() throws GraphException {
        if (closed) {
            throw GraphException.ofCall("the call's cache is closed");
        }
        if (inUse) {
            throw GraphException.ofCall("the call's cache is in use by another call");
        }
        inUse = true;
    }

    synchronized void endUse() {
        inUse = false;
        if (closed) {
            release();
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (!inUse) {
                release();
            }
        }
    }

    synchronized boolean closed() {
        return closed;
    }

    private void release() {
        entries.values().forEach(entry -> pool.give(entry.buffer));
        entries.clear();
    }

    int row() {
        return row;
    }

    void setRow(int row) {
        this.row = row;
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    /** An entry without elements, of a cache that has none yet. */
    static Entry emptyEntry(long[] rowShape) {
        return new Entry(EMPTY, rowShape);
    }

    /** The entry of that name, which exists. */
    Entry entry(String name) {
        return Objects.requireNonNull(entries.get(name), name);
    }

    /** Takes over a buffer as an entry. */
    void store(String name, ByteBuffer buffer, long[] rowShape) {
        Entry old = entries.get(name);
        if (old == null) {
            entries.put(name, new Entry(buffer, rowShape));
        } else {
            pool.give(old.buffer);
            old.buffer = buffer;
            old.rowShape = rowShape;
            old.version++;
        }
    }

    /**
     * Appends {@code count} positions to an entry of shape {@code [heads, padded, width]}, whose
     * true length is {@link #length}.
     *
     * @param from {@code [heads, count, width]}
     * @return whether the padded length stayed the same
     */
    boolean append(String name, FloatBuffer from, int heads, int count, int width, int bucket) {
        Entry entry = entries.get(name);
        int padded = entry == null ? 0 : Math.toIntExact(entry.rowShape[1]);
        int newPadded = Shapes.roundUp(length + count, bucket);
        boolean same = newPadded == padded;
        if (!same) {
            ByteBuffer grown = pool.take((long) heads * newPadded * width * Float.BYTES);
            FloatBuffer to = grown.asFloatBuffer();
            zero(to, heads * newPadded * width);
            if (entry != null) {
                FloatBuffer old = entry.floats();
                for (int head = 0; head < heads; head++) {
                    to.put(head * newPadded * width, old, head * padded * width, length * width);
                }
            }
            store(name, grown, new long[] {heads, newPadded, width});
            entry = entries.get(name);
        }
        Shapes.scatter(from, entry.floats(), heads, count, width, newPadded, length);
        if (same) {
            entry.version++;
        }
        return same;
    }

    synchronized void lengthen(int count) {
        length += count;
    }

    private static void zero(FloatBuffer buffer, int elements) {
        float[] zeros = new float[Math.min(elements, 4096)];
        for (int at = 0; at < elements; at += zeros.length) {
            buffer.put(at, zeros, 0, Math.min(zeros.length, elements - at));
        }
    }
}
