package dev.omniflow.testkit;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A small bundle with all that graphs do with caches: graph {@code remember} stores a memory, graph
 * {@code step} reads it and appends to a past. Its first step brings several tokens, the others
 * one.
 *
 * <p>The bundle is described in {@code example-bundle/bundle.yaml} of this module's resources;
 * whoever runs it brings the graphs.
 */
public final class ExampleModel implements ContractModel {
    /** Tokens that the graph knows: 0 to one less. */
    public static final int VOCABULARY = 16;

    private static final int BUCKET = 8;
    private static final int FIRST_TOKENS = 5;

    private final Bundle bundle;
    private final CachePlan remembering =
            new CachePlan(
                    List.of(), Map.of("memory", "memory"), Map.of(), Optional.empty(), BUCKET);
    private final CachePlan stepping =
            new CachePlan(
                    List.of("memory", "past"),
                    Map.of(),
                    Map.of("new", "past"),
                    Optional.of("past_len"),
                    BUCKET);

    public ExampleModel(Bundle bundle) {
        this.bundle = bundle;
    }

    @Override
    public Bundle bundle() {
        return bundle;
    }

    @Override
    public int steps() {
        return 20;
    }

    @Override
    public GraphCall call(
            GraphCache cache, long session, int step, Optional<GraphResult.Success> previous) {
        Random random = new Random(session * 1000 + step);
        if (step == 0) {
            float[] x = new float[4];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextFloat() - 0.5f;
            }
            return new GraphCall(
                    new GraphRef(bundle.id(), "remember"),
                    Map.of("x", Tensor.of(x, 1, 4)),
                    Set.of("loudness"),
                    remembering,
                    Optional.of(cache));
        }
        return step(cache, random.longs(step == 1 ? FIRST_TOKENS : 1, 0, VOCABULARY).toArray());
    }

    /** A call of graph {@code step}; its gain follows from its tokens. */
    public GraphCall step(GraphCache cache, long... tokens) {
        return new GraphCall(
                new GraphRef(bundle.id(), "step"),
                Map.of(
                        "tokens", Tensor.of(tokens, 1, tokens.length),
                        "gain", Tensor.of(new float[] {tokens[0] * 0.25f}, 1)),
                Set.of("y", "mark"),
                stepping,
                Optional.of(cache));
    }

    @Override
    public int lengthAfter(long session, int calls) {
        return calls < 2 ? 0 : FIRST_TOKENS + calls - 2;
    }
}
