package dev.omniflow.core.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What calls must have in common to share a batch: graph, wanted outputs, plan, and the type and
 * shape of every input and of the cache.
 */
final class BatchKey {
    private final GraphRef graph;
    private final Set<String> outputs;
    private final CachePlan plan;
    private final @Nullable Object cache;
    private final String[] names;
    private final Class<?>[] types;
    private final long[][] shapes;
    private final int hash;

    BatchKey(GraphCall call) {
        graph = call.graph();
        outputs = call.outputs();
        plan = call.plan();
        Optional<GraphCache> present = call.cache();
        cache = present.isPresent() ? present.get().shapeKey(plan.bucket()) : null;
        Map<String, Tensor> inputs = call.inputs();
        names = inputs.keySet().toArray(new String[0]);
        // Equal maps need not list their names in the same order.
        Arrays.sort(names);
        types = new Class<?>[names.length];
        shapes = new long[names.length][];
        for (int i = 0; i < names.length; i++) {
            Tensor tensor = Objects.requireNonNull(inputs.get(names[i]));
            types[i] = tensor.getClass();
            shapes[i] = tensor.shape();
        }
        hash = Objects.hash(graph, cache, Arrays.hashCode(names), Arrays.deepHashCode(shapes));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BatchKey that
                && hash == that.hash
                && graph.equals(that.graph)
                && Objects.equals(cache, that.cache)
                && Arrays.equals(names, that.names)
                && Arrays.equals(types, that.types)
                && Arrays.deepEquals(shapes, that.shapes)
                && outputs.equals(that.outputs)
                && plan.equals(that.plan);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return graph + " of " + Arrays.toString(names) + " " + Arrays.deepToString(shapes);
    }
}
