package dev.omniflow.onnx;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
    private final Runnable onFree;
    private final Map<String, Entry> entries = new TreeMap<>();
    private OptionalInt home = OptionalInt.empty();

    /** Asked for before every call, and the same for many; null until it is asked for again. */
    private @Nullable ShapeKey shapeKey;

    private int length;
    private boolean inUse;
    private volatile boolean closed;

    /**
     * Row in its lane's arenas that held this cache last; -1 for none. Touched by that lane only.
     */
    private int row = -1;

    /**
     * @param onFree called once, when the memory has been given back to the pool
     */
    OnnxCache(BufferPool pool, Runnable onFree) {
        this.pool = pool;
        this.onFree = onFree;
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
        ShapeKey present = shapeKey;
        if (present == null) {
            present = new ShapeKey(entries);
            shapeKey = present;
        }
        return present;
    }

    /** Names and shapes of all entries. */
    private static final class ShapeKey {
        private final String[] names;
        private final long[][] shapes;
        private final int hash;

        private ShapeKey(Map<String, Entry> entries) {
            names = entries.keySet().toArray(new String[0]);
            shapes = entries.values().stream().map(Entry::rowShape).toArray(long[][]::new);
            hash = 31 * Arrays.hashCode(names) + Arrays.deepHashCode(shapes);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other == this
                    || (other instanceof ShapeKey that
                            && hash == that.hash
                            && Arrays.equals(names, that.names)
                            && Arrays.deepEquals(shapes, that.shapes));
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public String toString() {
            return Arrays.toString(names) + " " + Arrays.deepToString(shapes);
        }
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

    void endUse() {
        boolean free;
        synchronized (this) {
            inUse = false;
            free = closed;
            if (free) {
                release();
            }
        }
        if (free) {
            onFree.run();
        }
    }

    @Override
    public void close() {
        boolean free;
        synchronized (this) {
            free = !closed && !inUse;
            closed = true;
            if (free) {
                release();
            }
        }
        if (free) {
            onFree.run();
        }
    }

    boolean closed() {
        return closed;
    }

    private void release() {
        entries.values().forEach(entry -> pool.give(entry.buffer));
        entries.clear();
        shapeKey = null;
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
        shapeKey = null;
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
     * Bytes of the buffer that {@link #append} has to be given; empty if what the entry has is long
     * enough.
     */
    OptionalLong bytesToGrow(String name, int heads, int count, int width, int bucket) {
        int newPadded = Shapes.roundUp(length + count, bucket);
        return newPadded == padded(name)
                ? OptionalLong.empty()
                : OptionalLong.of((long) heads * newPadded * width * Float.BYTES);
    }

    /** Positions that an entry has room for; -1 if it is not there. */
    private int padded(String name) {
        Entry entry = entries.get(name);
        return entry == null ? -1 : Math.toIntExact(entry.rowShape[1]);
    }

    /**
     * Appends {@code count} positions to an entry of shape {@code [heads, padded, width]}, whose
     * true length is {@link #length}. Cannot fail for want of memory.
     *
     * @param from {@code [heads, count, width]}
     * @param grown of at least {@link #bytesToGrow} bytes, taken over; null if that is empty
     * @return whether the padded length stayed the same
     */
    boolean append(
            String name,
            FloatBuffer from,
            int heads,
            int count,
            int width,
            int bucket,
            @Nullable ByteBuffer grown) {
        int newPadded = Shapes.roundUp(length + count, bucket);
        if (grown != null) {
            FloatBuffer to = grown.asFloatBuffer();
            zero(to, heads * newPadded * width);
            Entry old = entries.get(name);
            if (old != null) {
                int padded = padded(name);
                FloatBuffer floats = old.floats();
                for (int head = 0; head < heads; head++) {
                    to.put(head * newPadded * width, floats, head * padded * width, length * width);
                }
            }
            store(name, grown, new long[] {heads, newPadded, width});
        }
        Entry entry = entry(name);
        Shapes.scatter(from, entry.floats(), heads, count, width, newPadded, length);
        if (grown == null) {
            entry.version++;
        }
        return grown == null;
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
