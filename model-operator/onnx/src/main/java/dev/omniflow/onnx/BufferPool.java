package dev.omniflow.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Direct buffers that are used again instead of left to the garbage collector, which sees only
 * their few bytes on the heap. Sizes are rounded up to a power of two or one and a half of one, so
 * that few sizes are kept.
 *
 * <p>Thread-safe. A buffer has one owner at a time: whoever took it gives it back or keeps it.
 */
final class BufferPool {
    private static final int SMALLEST = 256;

    private final long maxIdleBytes;
    private final Map<Integer, Deque<ByteBuffer>> idle = new HashMap<>();
    private long idleBytes;
    private long bytesInUse;

    /**
     * @param maxIdleBytes most bytes kept for later; what comes back beyond that is left to the
     *     garbage collector
     */
    BufferPool(long maxIdleBytes) {
        this.maxIdleBytes = maxIdleBytes;
    }

    /** A buffer of at least so many bytes; its content is arbitrary, its limit is its capacity. */
    ByteBuffer take(long bytes) {
        if (bytes < 0 || bytes > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException(
                    "a tensor has 0 to " + Integer.MAX_VALUE / 2 + " bytes, not " + bytes);
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
        ByteBuffer buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        synchronized (this) {
            bytesInUse += size;
        }
        return buffer;
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
