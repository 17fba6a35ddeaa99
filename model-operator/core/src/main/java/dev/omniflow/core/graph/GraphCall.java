package dev.omniflow.core.graph;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One evaluation of a graph for one session. Each tensor has a batch of one as its first dimension.
 *
 * @param graph the graph
 * @param inputs inputs that travel with the call
 * @param outputs outputs that are wanted back
 * @param plan what lives in the cache
 * @param cache the session's cache; present if the plan names anything
 */
public record GraphCall(
        GraphRef graph,
        Map<String, Tensor> inputs,
        Set<String> outputs,
        CachePlan plan,
        Optional<GraphCache> cache) {
    public GraphCall {
        Objects.requireNonNull(graph, "graph");
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(cache, "cache");
        inputs = Map.copyOf(inputs);
        outputs = Set.copyOf(outputs);
        if (plan.needsCache() && cache.isEmpty()) {
            throw new IllegalArgumentException(
                    "a call to " + graph + " with " + plan + " needs a cache, but has none");
        }
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            long[] shape = input.getValue().shape();
            if (shape.length == 0 || shape[0] != 1) {
                throw new IllegalArgumentException(
                        "input "
                                + input.getKey()
                                + " of a call to "
                                + graph
                                + " must have a batch of one as its first dimension, not "
                                + input.getValue());
            }
        }
    }

    /** A call without a cache. */
    public static GraphCall of(GraphRef graph, Map<String, Tensor> inputs, Set<String> outputs) {
        return new GraphCall(graph, inputs, outputs, CachePlan.NONE, Optional.empty());
    }

    /**
     * What calls must have in common to share a batch: graph, wanted outputs, plan, and every type
     * and shape. It depends on this call alone, never on its neighbours.
     */
    public Object batchKey() {
        return new BatchKey(this);
    }
}
