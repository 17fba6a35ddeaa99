package dev.omniflow.onnx;

import dev.omniflow.core.graph.GraphException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Direct buffers that are used again instead of left to the garbage collector, which sees only
 * their few bytes on the heap. Sizes are rounded up to a power of two or one and a half of one, so
 * that few sizes are kept.
 *
 * <p>Thread-safe. A buffer has one owner at a time: whoever took it gives it back or keeps it.
 */
final class BufferPool {
    private static final int SMALLEST = 256;
    private static final int LARGEST = Integer.MAX_VALUE / 2;

    private final long maxIdleBytes;
    private final IntFunction<ByteBuffer> allocator;
    private final Map<Integer, Deque<ByteBuffer>> idle = new HashMap<>();
    private long idleBytes;
    private long bytesInUse;

    /**
     * @param maxIdleBytes most bytes kept for later; what comes back beyond that is left to the
     *     garbage collector
     */
    BufferPool(long maxIdleBytes) {
        this(maxIdleBytes, ByteBuffer::allocateDirect);
    }

    /**
     * @param allocator makes direct buffers of so many bytes, or throws OutOfMemoryError
     */
    BufferPool(long maxIdleBytes, IntFunction<ByteBuffer> allocator) {
        this.maxIdleBytes = maxIdleBytes;
        this.allocator = allocator;
    }

    /**
     * A buffer of at least so many bytes; its content is arbitrary, its limit is its capacity.
     *
     * @throws GraphException if there is no such buffer to be had; nothing has changed
     */
    ByteBuffer take(long bytes) throws GraphException {
        if (bytes < 0) {
            throw new IllegalArgumentException("a tensor has 0 or more bytes, not " + bytes);
        }
        if (bytes > LARGEST) {
            throw GraphException.ofCall(
                    "a tensor of the run has "
                            + bytes
                            + " bytes, but at most "
                            + LARGEST
                            + " are possible: run fewer calls at a time");
        }
        int size = roundUp((int) bytes);
        synchronized (this) {
            Deque<ByteBuffer> free = idle.get(size);
            ByteBuffer buffer = free == null ? null : free.poll();
            if (buffer != null) {
                idleBytes -= size;
                bytesInUse += size;
                return buffer;
            }
        }
        ByteBuffer buffer = allocate(size).order(ByteOrder.nativeOrder());
        synchronized (this) {
            bytesInUse += size;
        }
        return buffer;
    }

    private ByteBuffer allocate(int size) throws GraphException {
        try {
            return allocator.apply(size);
        } catch (OutOfMemoryError full) {
            // What is kept for later counts against the same limit.
            trim();
            try {
                return allocator.apply(size);
            } catch (OutOfMemoryError e) {
                throw GraphException.ofCall(
                        "no direct memory for a tensor of "
                                + size
                                + " bytes beside the "
                                + bytesInUse()
                                + " in use: run fewer sessions or raise -XX:MaxDirectMemorySize ("
                                + e.getMessage()
                                + ")",
                        e);
            }
        }
    }

    /** Leaves idle buffers to the garbage collector, the largest first, down to so many bytes. */
    synchronized void trimTo(long bytes) {
        while (idleBytes > bytes) {
            int largest = Collections.max(idle.keySet());
            Deque<ByteBuffer> buffers = Objects.requireNonNull(idle.get(largest));
            while (idleBytes > bytes && buffers.poll() != null) {
                idleBytes -= largest;
            }
            if (buffers.isEmpty()) {
                idle.remove(largest);
            }
        }
    }

    /** Gives a buffer back that {@link #take} gave. */
    synchronized void give(ByteBuffer buffer) {
        int size = buffer.capacity();
        bytesInUse -= size;
        if (idleBytes + size <= maxIdleBytes) {
            idle.computeIfAbsent(size, key -> new ArrayDeque<>()).push(buffer);
            idleBytes += size;
        }
    }

    /** Leaves what is kept for later to the garbage collector. */
    synchronized void trim() {
        idle.clear();
        idleBytes = 0;
    }

    /** Bytes that were taken and not given back. */
    synchronized long bytesInUse() {
        return bytesInUse;
    }

    /** Bytes that are kept for later. */
    synchronized long idleBytes() {
        return idleBytes;
    }

    private static int roundUp(int bytes) {
        int power = SMALLEST;
        while (power < bytes) {
            if (power + power / 2 >= bytes) {
                return power + power / 2;
            }
            power *= 2;
        }
        return power;
    }
}
