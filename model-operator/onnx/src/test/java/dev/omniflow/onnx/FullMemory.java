package dev.omniflow.onnx;

import java.nio.ByteBuffer;

/** Direct memory that runs out when a test says so. */
final class FullMemory {
    private int untilFailure = -1;
    private int failFrom = Integer.MAX_VALUE;
    private int allocations;

    synchronized ByteBuffer allocate(int size) {
        if (allocations++ >= failFrom) {
            throw new OutOfMemoryError("full, as the test says");
        }
        if (untilFailure >= 0 && untilFailure-- == 0) {
            throw new OutOfMemoryError("full, as the test says");
        }
        return ByteBuffer.allocateDirect(size);
    }

    /** Lets the allocation after so many fail, once. */
    synchronized void failNext(int after) {
        untilFailure = after;
    }

    /** Lets every allocation after so many fail. */
    synchronized void failFrom(int after) {
        failFrom = allocations + after;
    }

    synchronized void heal() {
        failFrom = Integer.MAX_VALUE;
        untilFailure = -1;
    }

    /** How often memory was asked for. */
    synchronized int allocations() {
        return allocations;
    }
}
