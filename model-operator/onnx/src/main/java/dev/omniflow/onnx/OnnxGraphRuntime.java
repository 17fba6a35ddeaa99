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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * ONNX Runtime on one device. One of it serves a whole process.
 *
 * <p>Thread-safe; {@link #run} may be called by different lanes at a time. Caches lie in direct
 * memory of this process, whatever the device: the Java API of ONNX Runtime has no tensors
 * elsewhere. What ONNX Runtime itself keeps for runs is not counted in {@link #memory}.
 */
public final class OnnxGraphRuntime implements GraphRuntime {
    /** So often, in runs, lanes are looked at that may have rested for long. */
    private static final int TIDY_EVERY_RUNS = 64;

    /** Bytes for the next session that are kept when no cache is open: those of a decode or two. */
    private static final long KEPT_AT_REST = 32L << 20;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment("omniflow");
    private final OnnxSessions sessions;
    private final BufferPool pool;

    /** Bundles load one after another, but nobody else waits for that. */
    private final Object loading = new Object();

    /** Changed under its own lock, so that a bundle comes and goes as a whole. */
    private final Map<GraphRef, LoadedGraph> graphs = new ConcurrentHashMap<>();

    private final AtomicLong weightBytes = new AtomicLong();
    private final AtomicInteger openCaches = new AtomicInteger();
    private final AtomicLong runs = new AtomicLong();
    private final Map<Integer, LaneArena> arenas = new ConcurrentHashMap<>();

    /**
     * @throws DeviceException if the options' device cannot be used
     */
    public OnnxGraphRuntime(OnnxOptions options) {
        this(options, new BufferPool(options.maxIdleBytes()));
    }

    OnnxGraphRuntime(OnnxOptions options, BufferPool pool) {
        this.pool = pool;
        sessions = new OnnxSessions(environment, options);
        sessions.requireDevice();
    }

    @Override
    public void load(Bundle bundle) throws BundleException {
        synchronized (loading) {
            Map<GraphRef, LoadedGraph> added = new HashMap<>();
            try {
                for (GraphSpec spec : bundle.graphs().values()) {
                    GraphRef ref = new GraphRef(bundle.id(), spec.name());
                    if (!graphs.containsKey(ref)) {
                        LoadedGraph graph = LoadedGraph.load(sessions, bundle, spec, this::freed);
                        weightBytes.addAndGet(graph.weightBytes());
                        added.put(ref, graph);
                    }
                }
            } catch (BundleException | RuntimeException e) {
                // All of a bundle or nothing of it.
                added.values().forEach(LoadedGraph::unload);
                throw e;
            }
            synchronized (graphs) {
                graphs.putAll(added);
            }
        }
    }

    @Override
    public void unload(BundleId bundle) {
        List<LoadedGraph> removed = new ArrayList<>();
        synchronized (graphs) {
            for (GraphRef ref : List.copyOf(graphs.keySet())) {
                LoadedGraph graph = ref.bundle().equals(bundle) ? graphs.remove(ref) : null;
                if (graph != null) {
                    removed.add(graph);
                }
            }
        }
        removed.forEach(LoadedGraph::unload);
        // What is kept is of the sizes of its tensors.
        pool.trim();
    }

    private void freed(long bytes) {
        weightBytes.addAndGet(-bytes);
    }

    @Override
    public RuntimeMemory memory() {
        return new RuntimeMemory(weightBytes.get(), pool.bytesInUse(), pool.idleBytes());
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
        openCaches.incrementAndGet();
        return new OnnxCache(pool, this::cacheFreed);
    }

    private void cacheFreed() {
        if (openCaches.decrementAndGet() == 0) {
            // Nobody may come for long, and no run would tidy up.
            tidyLanes();
            pool.trimTo(KEPT_AT_REST);
        }
    }

    @Override
    public List<GraphResult.Success> run(int lane, List<GraphCall> calls) throws GraphException {
        LoadedGraph graph = graphs.get(calls.get(0).graph());
        if (graph == null || !graph.tryUse()) {
            throw GraphException.ofCall(notLoaded(calls.get(0).graph()));
        }
        LaneArena arena = arenas.computeIfAbsent(lane, key -> new LaneArena(pool));
        long number = runs.incrementAndGet();
        arena.lock().lock();
        try (OnnxRun run = new OnnxRun(environment, pool, arena, lane, graph, calls)) {
            // On every run, so that the memory of caches that are gone does not wait for a batch.
            arena.sweep(number);
            return run.execute();
        } catch (OrtException e) {
            throw OrtFailures.of(e, sessions.device());
        } finally {
            arena.lock().unlock();
            graph.endUse();
            if (number % TIDY_EVERY_RUNS == 0) {
                tidyLanes();
            }
        }
    }

    /** Sweeps the lanes that rest. */
    private void tidyLanes() {
        for (LaneArena arena : arenas.values()) {
            if (arena.lock().tryLock()) {
                try {
                    arena.sweep(runs.get());
                } finally {
                    arena.lock().unlock();
                }
            }
        }
    }

    private String notLoaded(GraphRef ref) {
        return "graph " + ref + " is not loaded; loaded are " + graphs.keySet();
    }

    @Override
    public void close() {
        synchronized (graphs) {
            graphs.values().forEach(LoadedGraph::unload);
            graphs.clear();
        }
        arenas.values().forEach(LaneArena::clear);
        arenas.clear();
        pool.trim();
    }
}
