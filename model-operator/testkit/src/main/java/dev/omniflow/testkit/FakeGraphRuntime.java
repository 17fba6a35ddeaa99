package dev.omniflow.testkit;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.bundle.GraphSpec;
import dev.omniflow.core.bundle.TensorSpec;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.RuntimeMemory;
import dev.omniflow.core.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A graph runtime without models: whatever a bundle describes, every output is a number that
 * depends on all inputs of its call, on what its cache holds, and on nothing else. Whoever mixes up
 * two sessions, skips a step or repeats one gets other numbers from there on.
 *
 * <p>Runs fail where a test says so. Refuses what a real runtime refuses, in the same way.
 *
 * <p>Thread-safe.
 */
public final class FakeGraphRuntime implements GraphRuntime {
    private final Map<GraphRef, GraphSpec> graphs = new ConcurrentHashMap<>();
    private final Map<GraphRef, RowFunction> functions = new ConcurrentHashMap<>();
    private final List<Predicate<List<GraphCall>>> failures = new CopyOnWriteArrayList<>();
    private final List<Run> runs = new CopyOnWriteArrayList<>();
    private final AtomicInteger openCaches = new AtomicInteger();
    private volatile Runnable duringRun = () -> {};
    private volatile boolean deviceLost;

    /**
     * A run that was asked for, whether or not it succeeded.
     *
     * @param lane the lane
     * @param calls the batch
     */
    public record Run(int lane, List<GraphCall> calls) {
        public Run {
            calls = List.copyOf(calls);
        }
    }

    /** What a graph computes for one call. Called by several threads. */
    @FunctionalInterface
    public interface RowFunction {
        /**
         * Computes the outputs of one call.
         *
         * @param inputs all inputs by name, each with a batch of one; appended entries without
         *     their padding
         * @return every output that the bundle describes
         */
        Map<String, Tensor> apply(Map<String, Tensor> inputs) throws GraphException;
    }

    // ---- the script

    /** Lets a graph compute something of the test's own. */
    public void define(GraphRef graph, RowFunction function) {
        functions.put(graph, function);
    }

    /** From now on every run with such a call fails. */
    public void poison(Predicate<GraphCall> poisonous) {
        failures.add(calls -> calls.stream().anyMatch(poisonous));
    }

    /** From now on every such run fails, as if one of its calls could not be run. */
    public void failRuns(Predicate<List<GraphCall>> failing) {
        failures.add(failing);
    }

    /** From now on every run says that the device is lost. */
    public void loseDevice() {
        deviceLost = true;
    }

    /** Takes all failures back. */
    public void heal() {
        failures.clear();
        deviceLost = false;
    }

    /** Does something in every run from now on, after its caches are in use and before it ends. */
    public void duringRun(Runnable action) {
        duringRun = action;
    }

    // ---- what happened

    /** All runs in the order in which they began. */
    public List<Run> runs() {
        return List.copyOf(runs);
    }

    /** Caches whose memory is not freed yet. */
    public int openCaches() {
        return openCaches.get();
    }

    // ---- the runtime

    @Override
    public void load(Bundle bundle) {
        bundle.graphs()
                .forEach((name, spec) -> graphs.putIfAbsent(new GraphRef(bundle.id(), name), spec));
    }

    @Override
    public void unload(BundleId bundle) {
        graphs.keySet().removeIf(graph -> graph.bundle().equals(bundle));
    }

    /** Counts caches instead of bytes. */
    @Override
    public RuntimeMemory memory() {
        return new RuntimeMemory(graphs.size(), openCaches.get(), 0);
    }

    @Override
    public int maxBatchSize(GraphRef graph) {
        GraphSpec spec = graphs.get(graph);
        if (spec == null) {
            throw new IllegalStateException(notLoaded(graph));
        }
        return spec.maxBatchSize();
    }

    @Override
    public GraphCache newCache() {
        openCaches.incrementAndGet();
        return new FakeCache(openCaches::decrementAndGet);
    }

    @Override
    public List<GraphResult.Success> run(int lane, List<GraphCall> calls) throws GraphException {
        runs.add(new Run(lane, calls));
        if (deviceLost) {
            throw GraphException.ofDevice(
                    "the device is lost, as the test says", new IllegalStateException("lost"));
        }
        GraphRef ref = calls.get(0).graph();
        GraphSpec spec = graphs.get(ref);
        if (spec == null) {
            throw GraphException.ofCall(notLoaded(ref));
        }
        List<FakeCache> inUse = new ArrayList<>();
        try {
            for (GraphCall call : calls) {
                if (call.cache().isPresent()) {
                    FakeCache cache = (FakeCache) call.cache().get();
                    cache.beginUse();
                    inUse.add(cache);
                }
            }
            requireOneBatch(calls, spec);
            duringRun.run();
            for (Predicate<List<GraphCall>> failure : failures) {
                if (failure.test(calls)) {
                    throw GraphException.ofCall("the run fails, as the test says");
                }
            }
            List<Map<String, Tensor>> outputs = new ArrayList<>();
            for (GraphCall call : calls) {
                outputs.add(compute(call, spec));
            }
            List<GraphResult.Success> results = new ArrayList<>();
            for (int i = 0; i < calls.size(); i++) {
                Map<String, Tensor> wanted = new HashMap<>(outputs.get(i));
                wanted.keySet().retainAll(calls.get(i).outputs());
                results.add(new GraphResult.Success(wanted));
                if (!inUse.isEmpty()) {
                    inUse.get(i).update(calls.get(i).plan(), outputs.get(i), lane);
                }
            }
            return results;
        } finally {
            inUse.forEach(FakeCache::endUse);
        }
    }

    @Override
    public void close() {
        graphs.clear();
    }

    private String notLoaded(GraphRef ref) {
        return "graph " + ref + " is not loaded; loaded are " + graphs.keySet();
    }

    private static void requireOneBatch(List<GraphCall> calls, GraphSpec spec) {
        if (calls.size() > spec.maxBatchSize()) {
            throw new IllegalStateException(
                    "graph "
                            + spec.name()
                            + " takes at most "
                            + spec.maxBatchSize()
                            + " calls at a time, not "
                            + calls.size());
        }
        Object key = calls.get(0).batchKey();
        for (GraphCall call : calls) {
            if (!call.batchKey().equals(key)) {
                throw new IllegalStateException(
                        "calls of " + key + " and " + call.batchKey() + " cannot share a batch");
            }
        }
    }

    private Map<String, Tensor> compute(GraphCall call, GraphSpec spec) throws GraphException {
        Map<String, Tensor> inputs = new TreeMap<>(call.inputs());
        if (call.cache().isPresent()) {
            FakeCache cache = (FakeCache) call.cache().get();
            for (String name : call.plan().reads()) {
                inputs.put(name, cache.read(name, call.plan(), spec));
            }
            call.plan()
                    .lengthInput()
                    .ifPresent(name -> inputs.put(name, Tensor.of(new long[] {cache.length()}, 1)));
        }
        Map<String, Long> sizes = requireFits(inputs, call, spec);
        RowFunction function = functions.get(call.graph());
        return function != null ? function.apply(inputs) : mixed(inputs, spec, sizes);
    }

    /** What the symbolic dimensions are in this call. */
    private static Map<String, Long> requireFits(
            Map<String, Tensor> inputs, GraphCall call, GraphSpec spec) throws GraphException {
        if (!inputs.keySet().equals(spec.inputs().keySet())) {
            throw GraphException.ofCall(
                    "graph "
                            + spec.name()
                            + " takes the inputs "
                            + new TreeSet<>(spec.inputs().keySet())
                            + ", but the call brings "
                            + inputs.keySet());
        }
        for (String output : call.outputs()) {
            if (!spec.outputs().containsKey(output)) {
                throw GraphException.ofCall(
                        "graph "
                                + spec.name()
                                + " has the outputs "
                                + new TreeSet<>(spec.outputs().keySet())
                                + ", but the call wants "
                                + output);
            }
        }
        Map<String, Long> sizes = new HashMap<>();
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            TensorSpec described = spec.inputs().get(input.getKey());
            long[] shape = input.getValue().shape();
            String type = input.getValue() instanceof Tensor.Longs ? "int64" : "float32";
            boolean fits =
                    described.type().equals(type) && described.shape().size() == shape.length;
            for (int i = 0; fits && i < shape.length; i++) {
                String dimension = described.shape().get(i);
                fits =
                        isNumber(dimension)
                                ? Long.parseLong(dimension) == shape[i]
                                : sizes.merge(dimension, shape[i], (old, same) -> old) == shape[i];
            }
            if (!fits) {
                throw GraphException.ofCall(
                        "input "
                                + input.getKey()
                                + " of graph "
                                + spec.name()
                                + " is "
                                + described
                                + ", but the call has it as "
                                + input.getValue());
            }
        }
        return sizes;
    }

    private static boolean isNumber(String dimension) {
        return dimension.chars().allMatch(Character::isDigit);
    }

    private static Map<String, Tensor> mixed(
            Map<String, Tensor> inputs, GraphSpec spec, Map<String, Long> sizes) {
        long seed = 0;
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            seed = mix(seed ^ input.getKey().hashCode());
            if (input.getValue() instanceof Tensor.Longs longs) {
                for (long value : longs.data()) {
                    seed = mix(seed ^ value);
                }
            } else {
                for (float value : input.getValue().floats()) {
                    seed = mix(seed ^ Float.floatToIntBits(value));
                }
            }
        }
        Map<String, Tensor> outputs = new HashMap<>();
        for (Map.Entry<String, TensorSpec> output : spec.outputs().entrySet()) {
            List<String> described = output.getValue().shape();
            long[] shape = new long[described.size()];
            int elements = 1;
            for (int i = 0; i < shape.length; i++) {
                String dimension = described.get(i);
                shape[i] =
                        isNumber(dimension)
                                ? Long.parseLong(dimension)
                                : sizes.getOrDefault(dimension, 1L);
                elements = Math.toIntExact(elements * shape[i]);
            }
            outputs.put(
                    output.getKey(),
                    output.getValue().type().equals("int64")
                            ? Tensor.of(
                                    mixedLongs(seed ^ output.getKey().hashCode(), elements), shape)
                            : Tensor.of(
                                    mixedFloats(seed ^ output.getKey().hashCode(), elements),
                                    shape));
        }
        return outputs;
    }

    private static long[] mixedLongs(long seed, int elements) {
        long[] values = new long[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = Math.floorMod(mix(seed + i), 100L);
        }
        return values;
    }

    private static float[] mixedFloats(long seed, int elements) {
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (mix(seed + i) >> 40) / (float) (1 << 23);
        }
        return values;
    }

    /** SplitMix64's finalizer: every bit of the result depends on every bit of the value. */
    private static long mix(long value) {
        long mixed = value + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
