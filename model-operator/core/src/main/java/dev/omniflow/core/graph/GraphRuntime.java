package dev.omniflow.core.graph;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleId;
import java.util.List;

/**
 * Loads bundles and runs their graphs on one device.
 *
 * <p>{@link #run} is called by several lanes at a time, with disjoint calls. The results of a call
 * depend on that call alone: a runtime that cannot promise it for a graph has the bundle say {@code
 * maxBatchSize: 1}.
 */
public interface GraphRuntime extends AutoCloseable {
    /** Loads the graphs of a bundle; does nothing if that bundle is loaded. */
    void load(Bundle bundle) throws BundleException;

    /**
     * Frees the graphs of a bundle; does nothing if it is not loaded. Calls of it that come later
     * fail; a run under way ends first.
     */
    void unload(BundleId bundle);

    /** The device's memory as it is used now. */
    RuntimeMemory memory();

    /**
     * Most calls that may share a run of this graph.
     *
     * @throws IllegalStateException if no bundle brought that graph
     */
    int maxBatchSize(GraphRef graph);

    /** An empty cache. */
    GraphCache newCache();

    /**
     * Runs calls that have the same {@link GraphCall#batchKey}.
     *
     * @param lane which of the device's lanes runs it, from 0; a lane runs one batch at a time
     * @return the successes, in the order of the calls
     * @throws GraphException if the run failed: any of the calls may be the reason. Their caches
     *     are as before, so that each can be tried again
     */
    List<GraphResult.Success> run(int lane, List<GraphCall> calls) throws GraphException;

    /** Frees the graphs. No run is under way. */
    @Override
    void close();
}
