package dev.omniflow.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.bundle.GraphSpec;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.RuntimeMemory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * ONNX Runtime on the CPU. One of it serves a whole process.
 *
 * <p>Thread-safe; {@link #run} may be called by different lanes at a time. Caches lie in direct
 * memory.
 */
public final class OnnxGraphRuntime implements GraphRuntime {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment("omniflow");
    private final OnnxOptions options;
    private final BufferPool pool;
    private final Map<GraphRef, LoadedGraph> graphs = new ConcurrentHashMap<>();
    private final Map<Integer, LaneArena> arenas = new ConcurrentHashMap<>();

    public OnnxGraphRuntime(OnnxOptions options) {
        this.options = options;
        pool = new BufferPool(options.maxIdleBytes());
    }

    @Override
    public synchronized void load(Bundle bundle) throws BundleException {
        Map<GraphRef, LoadedGraph> added = new HashMap<>();
        try {
            for (GraphSpec spec : bundle.graphs().values()) {
                GraphRef ref = new GraphRef(bundle.id(), spec.name());
                if (!graphs.containsKey(ref)) {
                    added.put(ref, LoadedGraph.load(environment, options, bundle, spec));
                }
            }
        } catch (BundleException | RuntimeException e) {
            // All of a bundle or nothing of it.
            added.values().forEach(LoadedGraph::close);
            throw e;
        }
        graphs.putAll(added);
    }

    @Override
    public synchronized void unload(BundleId bundle) {
        for (GraphRef ref : List.copyOf(graphs.keySet())) {
            if (ref.bundle().equals(bundle)) {
                LoadedGraph graph = graphs.remove(ref);
                if (graph != null) {
                    graph.close();
                }
            }
        }
    }

    @Override
    public RuntimeMemory memory() {
        long weights = 0;
        for (LoadedGraph graph : graphs.values()) {
            weights += graph.weightBytes();
        }
        return new RuntimeMemory(weights, pool.bytesInUse(), pool.idleBytes());
    }

    @Override
    public int maxBatchSize(GraphRef graph) {
        LoadedGraph loaded = graphs.get(graph);
        if (loaded == null) {
            throw new IllegalStateException(notLoaded(graph));
        }
        return loaded.spec().maxBatchSize();
    }

    @Override
    public GraphCache newCache() {
        return new OnnxCache(pool);
    }

    @Override
    public List<GraphResult.Success> run(int lane, List<GraphCall> calls) throws GraphException {
        LoadedGraph graph = graphs.get(calls.get(0).graph());
        if (graph == null) {
            throw GraphException.ofCall(notLoaded(calls.get(0).graph()));
        }
        LaneArena arena = arenas.computeIfAbsent(lane, key -> new LaneArena(pool));
        try (OnnxRun run = new OnnxRun(environment, pool, arena, lane, graph, calls)) {
            return run.execute();
        } catch (OrtException e) {
            throw failure(e);
        }
    }

    /** Direct memory in use by caches and lanes. */
    long bytesInUse() {
        return pool.bytesInUse();
    }

    private static GraphException failure(OrtException e) {
        return switch (e.getCode()) {
            case ORT_EP_FAIL, ORT_ENGINE_ERROR -> GraphException.ofDevice(e.getMessage(), e);
            default -> GraphException.ofCall(e.getMessage(), e);
        };
    }

    private String notLoaded(GraphRef ref) {
        return "graph " + ref + " is not loaded; loaded are " + graphs.keySet();
    }

    @Override
    public synchronized void close() {
        graphs.values().forEach(LoadedGraph::close);
        graphs.clear();
        arenas.clear();
    }
}
