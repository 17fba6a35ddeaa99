package dev.omniflow.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.bundle.BundleId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GraphCallTest {
    private static final GraphRef GRAPH = new GraphRef(new BundleId("counter", "1"), "step");
    private static final CachePlan READS =
            new CachePlan(List.of("past"), Map.of(), Map.of(), Optional.empty(), 32);
    private static final CachePlan STORES =
            new CachePlan(List.of(), Map.of("next", "past"), Map.of(), Optional.empty(), 32);

    /** A cache of one shape for each bucket. */
    private record ShapedCache(int length) implements GraphCache {
        @Override
        public OptionalInt home() {
            return OptionalInt.empty();
        }

        @Override
        public Object shapeKey(int bucket) {
            return (length + bucket - 1) / bucket;
        }

        @Override
        public void close() {}
    }

    @Test
    void refusesAnotherBatchThanOne() {
        for (Tensor tensor :
                List.of(
                        Tensor.of(new float[6], 2, 3),
                        Tensor.of(new float[0], 0, 3),
                        Tensor.of(new float[1]))) {
            assertThatThrownBy(() -> GraphCall.of(GRAPH, Map.of("x", tensor), Set.of("y")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "input x of a call to counter@1/step must have a batch of one as its"
                                    + " first dimension, not "
                                    + tensor);
        }
    }

    @Test
    void refusesAPlanWithoutACache() {
        assertThatThrownBy(
                        () -> new GraphCall(GRAPH, Map.of(), Set.of("y"), READS, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a cache, but has none");
    }

    @Test
    void sharesABatchWhereAllShapesAreEqual() {
        assertThat(call(1, 3, READS, 5).batchKey())
                .isEqualTo(call(2, 3, READS, 32).batchKey())
                .hasSameHashCodeAs(call(2, 3, READS, 32).batchKey());
    }

    @Test
    void doesNotShareABatchWhereAnythingDiffers() {
        Object key = call(1, 3, READS, 5).batchKey();
        assertThat(call(1, 4, READS, 5).batchKey()).isNotEqualTo(key);
        assertThat(call(1, 3, READS, 33).batchKey()).isNotEqualTo(key);
        assertThat(call(1, 3, STORES, 5).batchKey()).isNotEqualTo(key);
        assertThat(GraphCall.of(GRAPH, Map.of("x", floats(1, 3)), Set.of("y")).batchKey())
                .isNotEqualTo(key);
    }

    @Test
    void doesNotShareABatchBetweenTypes() {
        assertThat(GraphCall.of(GRAPH, Map.of("x", floats(1, 3)), Set.of()).batchKey())
                .isNotEqualTo(
                        GraphCall.of(GRAPH, Map.of("x", Tensor.of(new long[3], 1, 3)), Set.of())
                                .batchKey());
    }

    @Test
    void sharesABatchInWhateverOrderInputsAreNamed() {
        Map<String, Tensor> one = new LinkedHashMap<>();
        Map<String, Tensor> other = new LinkedHashMap<>();
        for (String name : List.of("a", "b", "c")) {
            one.put(name, floats(1, 3));
        }
        for (String name : List.of("c", "b", "a")) {
            other.put(name, floats(2, 3));
        }
        Object key = GraphCall.of(GRAPH, one, Set.of("y", "z")).batchKey();
        assertThat(GraphCall.of(GRAPH, other, Set.of("z", "y")).batchKey())
                .isEqualTo(key)
                .hasSameHashCodeAs(key);
    }

    @Test
    void doesNotShareABatchOfOtherNamesOutputsGraphsOrShapes() {
        Object key = GraphCall.of(GRAPH, Map.of("x", floats(1, 6)), Set.of("y")).batchKey();
        GraphRef elsewhere = new GraphRef(new BundleId("counter", "2"), "step");
        assertThat(
                        List.of(
                                GraphCall.of(elsewhere, Map.of("x", floats(1, 6)), Set.of("y")),
                                GraphCall.of(GRAPH, Map.of("w", floats(1, 6)), Set.of("y")),
                                GraphCall.of(GRAPH, Map.of("x", floats(1, 6)), Set.of("z")),
                                GraphCall.of(GRAPH, Map.of("x", floats(1, 6)), Set.of()),
                                GraphCall.of(GRAPH, Map.of(), Set.of("y")),
                                GraphCall.of(
                                        GRAPH,
                                        Map.of("x", Tensor.of(new float[6], 1, 2, 3)),
                                        Set.of("y")),
                                GraphCall.of(
                                        GRAPH,
                                        Map.of("x", floats(1, 6), "w", floats(1, 6)),
                                        Set.of("y"))))
                .allSatisfy(call -> assertThat(call.batchKey()).isNotEqualTo(key));
        assertThat(key).isNotEqualTo("counter@1/step").isNotEqualTo(null);
        assertThat(key).hasToString("counter@1/step of [x] [[1, 6]]");
    }

    @Test
    void doesNotShareABatchBetweenBucketsOfOneShape() {
        CachePlan smaller =
                new CachePlan(List.of("past"), Map.of(), Map.of(), Optional.empty(), 16);
        assertThat(call(1, 3, smaller, 5).batchKey()).isNotEqualTo(call(1, 3, READS, 5).batchKey());
    }

    @Test
    void aCachesNextCallMayHaveAnotherKey() {
        List<Object> shape = new ArrayList<>(List.of("short"));
        GraphCache growing =
                new GraphCache() {
                    @Override
                    public int length() {
                        return 0;
                    }

                    @Override
                    public OptionalInt home() {
                        return OptionalInt.empty();
                    }

                    @Override
                    public Object shapeKey(int bucket) {
                        return shape.get(0);
                    }

                    @Override
                    public void close() {}
                };
        GraphCall call = new GraphCall(GRAPH, Map.of(), Set.of("y"), READS, Optional.of(growing));
        Object before = call.batchKey();
        shape.set(0, "long");
        assertThat(call.batchKey()).isNotEqualTo(before);
        shape.set(0, "short");
        assertThat(call.batchKey()).isEqualTo(before);
    }

    @Test
    void namesTheOutputsThereAre() {
        GraphResult.Success success = new GraphResult.Success(Map.of("y", floats(1, 1)));
        assertThat(success.output("y")).isEqualTo(floats(1, 1));
        assertThatThrownBy(() -> success.output("z"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the call returned the outputs [y], but not 'z'");
    }

    private static GraphCall call(float value, int width, CachePlan plan, int length) {
        return new GraphCall(
                GRAPH,
                Map.of("x", floats(value, width)),
                Set.of("y"),
                plan,
                Optional.of(new ShapedCache(length)));
    }

    private static Tensor floats(float value, int width) {
        float[] data = new float[width];
        Arrays.fill(data, value);
        return Tensor.of(data, 1, width);
    }
}
