package dev.omniflow.testkit;

import dev.omniflow.core.bundle.GraphSpec;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** The cache of the fake runtime, on the heap and without padding. Thread-safe. */
final class FakeCache implements GraphCache {
    private final Runnable onFree;
    private final Map<String, Tensor> entries = new TreeMap<>();
    private final Set<String> appended = new HashSet<>();
    private OptionalInt home = OptionalInt.empty();
    private int length;
    private boolean inUse;
    private boolean closed;

    FakeCache(Runnable onFree) {
        this.onFree = onFree;
    }

    synchronized void beginUse() throws GraphException {
        if (closed) {
            throw GraphException.ofCall("the call's cache is closed");
        }
        if (inUse) {
            throw GraphException.ofCall("the call's cache is in use by another call");
        }
        inUse = true;
    }

    synchronized void endUse() {
        inUse = false;
        if (closed) {
            free();
        }
    }

    synchronized Tensor read(String name, CachePlan plan, GraphSpec graph) throws GraphException {
        Tensor entry = entries.get(name);
        if (entry != null) {
            return entry;
        }
        if (!plan.appends().containsValue(name)) {
            throw GraphException.ofCall(
                    "the cache lacks '"
                            + name
                            + "', which graph "
                            + graph.name()
                            + " reads: the call that stores it has to come first");
        }
        List<String> shape = graph.inputs().get(name).shape();
        return Tensor.of(
                new float[0], 1, Long.parseLong(shape.get(1)), 0, Long.parseLong(shape.get(3)));
    }

    synchronized void update(CachePlan plan, Map<String, Tensor> outputs, int lane) {
        plan.stores().forEach((output, entry) -> entries.put(entry, outputs.get(output)));
        int count = 0;
        for (Map.Entry<String, String> append : plan.appends().entrySet()) {
            Tensor added = outputs.get(append.getKey());
            entries.merge(append.getValue(), added, FakeCache::joined);
            appended.add(append.getValue());
            count = Math.toIntExact(added.shape()[2]);
        }
        if (!plan.appends().isEmpty()) {
            length += count;
            if (home.isEmpty()) {
                home = OptionalInt.of(lane);
            }
        }
    }

    /** Two tensors {@code [1, heads, length, width]}, one behind the other along their length. */
    private static Tensor joined(Tensor first, Tensor second) {
        int heads = Math.toIntExact(first.shape()[1]);
        int before = first.size() / heads;
        int more = second.size() / heads;
        float[] joined = new float[first.size() + second.size()];
        for (int head = 0; head < heads; head++) {
            int at = head * (before + more);
            System.arraycopy(first.floats(), head * before, joined, at, before);
            System.arraycopy(second.floats(), head * more, joined, at + before, more);
        }
        return Tensor.of(joined, 1, heads, first.shape()[2] + second.shape()[2], first.shape()[3]);
    }

    @Override
    public synchronized int length() {
        return length;
    }

    @Override
    public synchronized OptionalInt home() {
        return home;
    }

    @Override
    public synchronized Object shapeKey(int bucket) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        entries.forEach(
                (name, entry) -> {
                    long[] shape = entry.shape().clone();
                    if (appended.contains(name)) {
                        shape[2] = (shape[2] + bucket - 1) / bucket * bucket;
                    }
                    shapes.put(name, Arrays.stream(shape).boxed().toList());
                });
        return shapes;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (!inUse) {
                free();
            }
        }
    }

    private void free() {
        entries.clear();
        onFree.run();
    }
}
