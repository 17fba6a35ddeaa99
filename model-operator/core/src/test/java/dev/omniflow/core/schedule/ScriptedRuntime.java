package dev.omniflow.core.schedule;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.RuntimeMemory;
import dev.omniflow.core.graph.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A runtime whose calls carry a number and return it negated, and which fails where it is told to.
 * Refuses whatever a scheduler must never do. Thread-safe where its subclass is.
 */
class ScriptedRuntime implements GraphRuntime {
    static final BundleId BUNDLE = new BundleId("scripted", "1");

    /** Graphs are named after the calls that they take at a time. */
    static final List<GraphRef> GRAPHS = List.of(graph("1"), graph("2"), graph("4"), graph("7"));

    private static final CachePlan PLAN =
            new CachePlan(List.of(), Map.of(), Map.of("y", "past"), Optional.empty(), 4);

    /** Numbers of the calls that cannot be run. */
    final Set<Long> poison = ConcurrentHashMap.newKeySet();

    /** Numbers of the calls that take the device with them. */
    final Set<Long> fatal = ConcurrentHashMap.newKeySet();

    /** Numbers of the calls at which the runtime itself breaks. */
    final Set<Long> breaking = ConcurrentHashMap.newKeySet();

    /** Numbers of the calls that fail unless they are alone. */
    final Set<Long> unsociable = ConcurrentHashMap.newKeySet();

    /** Numbers of the calls of whose runs a result is missing. */
    final Set<Long> forgetful = ConcurrentHashMap.newKeySet();

    private final Set<Integer> busyLanes = ConcurrentHashMap.newKeySet();

    static GraphRef graph(String name) {
        return new GraphRef(BUNDLE, name);
    }

    static GraphCall call(long number, GraphRef graph, int width) {
        return GraphCall.of(graph, Map.of("x", input(number, width)), Set.of("y"));
    }

    static GraphCall call(long number, GraphRef graph, RowCache cache) {
        return new GraphCall(
                graph, Map.of("x", input(number, 1)), Set.of("y"), PLAN, Optional.of(cache));
    }

    private static Tensor input(long number, int width) {
        long[] data = new long[width];
        data[0] = number;
        return Tensor.of(data, 1, width);
    }

    static long number(GraphCall call) {
        return call.inputs().get("x").longs()[0];
    }

    static GraphResult answer(long number) {
        return new GraphResult.Success(Map.of("y", Tensor.of(new long[] {-number}, 1)));
    }

    /** Called within a run, before it ends. */
    void duringRun(int lane, List<GraphCall> calls) {}

    @Override
    public void load(Bundle bundle) {}

    @Override
    public void unload(BundleId bundle) {}

    @Override
    public RuntimeMemory memory() {
        return new RuntimeMemory(0, 0, 0);
    }

    @Override
    public int maxBatchSize(GraphRef graph) {
        if (!GRAPHS.contains(graph)) {
            throw new IllegalStateException("no graph " + graph);
        }
        return Integer.parseInt(graph.graph());
    }

    @Override
    public GraphCache newCache() {
        return new RowCache();
    }

    @Override
    public List<GraphResult.Success> run(int lane, List<GraphCall> calls) throws GraphException {
        if (!GRAPHS.contains(calls.get(0).graph())) {
            throw GraphException.ofCall("no graph " + calls.get(0).graph());
        }
        require(busyLanes.add(lane), "lane " + lane + " already runs a batch");
        List<RowCache> used = new ArrayList<>();
        try {
            require(calls.size() <= maxBatchSize(calls.get(0).graph()), "too many calls");
            Set<Long> numbers = new HashSet<>();
            for (GraphCall call : calls) {
                require(call.batchKey().equals(calls.get(0).batchKey()), "unequal batch keys");
                require(numbers.add(number(call)), "a call twice in a batch");
                if (call.cache().isPresent()) {
                    RowCache cache = (RowCache) call.cache().get();
                    require(cache.beginUse(), "a cache in two runs");
                    used.add(cache);
                    require(cache.home().orElse(lane) == lane, "a cache away from home");
                }
            }
            duringRun(lane, calls);
            if (any(numbers, fatal)) {
                throw GraphException.ofDevice("the device is gone", new IllegalStateException());
            }
            if (any(numbers, breaking)) {
                throw new ArithmeticException("the runtime is broken");
            }
            if (any(numbers, poison) || (calls.size() > 1 && any(numbers, unsociable))) {
                throw GraphException.ofCall("a call cannot be run");
            }
            used.forEach(cache -> cache.grow(lane));
            List<GraphResult.Success> results = new ArrayList<>();
            for (GraphCall call : calls) {
                results.add((GraphResult.Success) answer(number(call)));
            }
            return any(numbers, forgetful) ? results.subList(1, results.size()) : results;
        } finally {
            used.forEach(RowCache::endUse);
            busyLanes.remove(lane);
        }
    }

    private static boolean any(Set<Long> numbers, Set<Long> marked) {
        return numbers.stream().anyMatch(marked::contains);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public void close() {}
}
