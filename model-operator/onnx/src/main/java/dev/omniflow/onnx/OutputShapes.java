package dev.omniflow.onnx;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shapes of a graph's outputs without the batch, by batch key, as runs taught them. Those that were
 * not asked for longest are forgotten first; they are learnt again by a run that costs a copy of
 * its outputs.
 *
 * <p>Thread-safe.
 */
final class OutputShapes {
    /**
     * More than the windows, buckets and prompt lengths of a recogniser that are in use at a time.
     */
    static final int CAPACITY = 256;

    private final Map<Object, Map<String, long[]>> shapes =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Object, Map<String, long[]>> eldest) {
                    return size() > CAPACITY;
                }
            };

    /** The shapes by output; null if no run of that key is remembered. */
    synchronized @Nullable Map<String, long[]> get(Object batchKey) {
        return shapes.get(batchKey);
    }

    synchronized void put(Object batchKey, Map<String, long[]> rowShapes) {
        shapes.put(batchKey, rowShapes);
    }
}
