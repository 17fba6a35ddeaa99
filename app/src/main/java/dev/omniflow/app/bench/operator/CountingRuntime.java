package dev.omniflow.app.bench.operator;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.RuntimeMemory;
import java.util.List;

/** Counts the runs of another runtime. Thread-safe if that is. */
final class CountingRuntime implements GraphRuntime {
    private final GraphRuntime runtime;
    private final RunCounter counter;

    /**
     * @param runtime does the work; owned
     */
    CountingRuntime(GraphRuntime runtime, RunCounter counter) {
        this.runtime = runtime;
        this.counter = counter;
    }

    @Override
    public void load(Bundle bundle) throws BundleException {
        runtime.load(bundle);
    }

    @Override
    public void unload(BundleId bundle) {
        runtime.unload(bundle);
    }

    @Override
    public RuntimeMemory memory() {
        return runtime.memory();
    }

    @Override
    public int maxBatchSize(GraphRef graph) {
        return runtime.maxBatchSize(graph);
    }

    @Override
    public GraphCache newCache() {
        return runtime.newCache();
    }

    @Override
    public List<GraphResult.Success> run(int lane, List<GraphCall> calls) throws GraphException {
        long began = System.nanoTime();
        List<GraphResult.Success> results = runtime.run(lane, calls);
        counter.ran(calls.size(), System.nanoTime() - began);
        return results;
    }

    @Override
    public void close() {
        runtime.close();
    }
}
