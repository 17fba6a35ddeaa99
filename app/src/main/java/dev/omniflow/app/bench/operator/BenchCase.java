package dev.omniflow.app.bench.operator;

import dev.omniflow.core.bundle.Bundle;

/**
 * A graph that is measured, with what each way needs of it.
 *
 * @param name of the graph, as the result names it
 * @param bundle the graph's bundle
 * @param steps calls of a session in a round
 * @param maxBatch calls that the graph takes in a run
 * @param programs sessions for the operator
 * @param script what the operator's sessions are told
 * @param opener opens the graph for async I/O
 * @param bare the graph in this process, with the beginnings of sessions; owned
 */
record BenchCase(
        String name,
        Bundle bundle,
        int steps,
        int maxBatch,
        BenchInference.Programs programs,
        Script script,
        GraphOpener opener,
        BareGraph bare)
        implements AutoCloseable {
    @Override
    public void close() {
        bare.close();
    }
}
