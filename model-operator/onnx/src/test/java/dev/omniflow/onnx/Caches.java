package dev.omniflow.onnx;

import dev.omniflow.core.graph.GraphException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.OptionalLong;

/** Caches without a runtime. */
final class Caches {
    private Caches() {}

    static OnnxCache in(BufferPool pool) {
        return new OnnxCache(pool, () -> {});
    }

    /** Appends as a run does: takes what the cache needs, then appends. */
    static boolean append(
            OnnxCache cache,
            BufferPool pool,
            FloatBuffer from,
            int heads,
            int count,
            int width,
            int bucket)
            throws GraphException {
        OptionalLong bytes = cache.bytesToGrow("past", heads, count, width, bucket);
        ByteBuffer grown = bytes.isPresent() ? pool.take(bytes.getAsLong()) : null;
        return cache.append("past", from, heads, count, width, bucket, grown);
    }
}
