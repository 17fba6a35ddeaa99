package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphRef;
import java.util.HashMap;
import java.util.Map;

/**
 * What a call of each graph costs, learnt from runs: a mean in which the latest count most. Guarded
 * by the scheduler's lock.
 */
final class RunCosts {
    private static final double WEIGHT_OF_LATEST = 0.2;
    private static final double UNKNOWN_NANOS = 1e6;

    private final Map<GraphRef, Double> nanosPerCall = new HashMap<>();

    void ran(GraphRef graph, int calls, long nanos) {
        double latest = (double) nanos / calls;
        nanosPerCall.merge(
                graph, latest, (mean, value) -> mean + WEIGHT_OF_LATEST * (value - mean));
    }

    /** Nanoseconds of one call's share of a run, at least 1. */
    long ofCall(GraphRef graph) {
        return Math.max(1, Math.round(nanosPerCall.getOrDefault(graph, UNKNOWN_NANOS)));
    }

    /** Calls that a run of so many nanoseconds may hold, at least 1. */
    int affordable(GraphRef graph, long nanos) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, nanos / ofCall(graph)));
    }
}
