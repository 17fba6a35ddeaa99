package dev.omniflow.flink.internal;

import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.schedule.CallTiming;
import dev.omniflow.flink.Inference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * What a subtask tells of itself, in Flink's metrics. Figures of graphs are of this subtask's
 * calls; those of group {@code process} are of all that share the device, so take one, not the sum.
 * Confined to the task's thread, but for the gauges.
 */
public final class InferenceMetrics {
    /** Calls over which a histogram looks back. */
    private static final int WINDOW = 1000;

    private final MetricGroup group;
    private final MetricGroup process;
    private final Inference<?, ?> inference;
    private final Map<GraphRef, GraphMetrics> graphs = new HashMap<>();
    private final Set<BundleId> timed = new HashSet<>();
    private final Counter dropped;
    private final Counter expired;
    private final Counter unloaded;
    private final Counter rebuilds;

    /** How full the operator is; read by reporters' threads. */
    private volatile long snapshotBytes;

    private volatile int snapshotSessions;

    private static final class GraphMetrics {
        private final Counter calls;
        private final Histogram batchSize;
        private final Histogram queueMicros;
        private final Histogram computeMicros;

        private GraphMetrics(MetricGroup group) {
            calls = group.counter("calls");
            batchSize = histogram(group, "batchSize");
            queueMicros = histogram(group, "queueTimeUs");
            computeMicros = histogram(group, "computeTimeUs");
        }

        private static Histogram histogram(MetricGroup group, String name) {
            return group.histogram(name, new DescriptiveStatisticsHistogram(WINDOW));
        }
    }

    public InferenceMetrics(MetricGroup group, Inference<?, ?> inference) {
        this.group = group;
        this.inference = inference;
        process = group.addGroup("process");
        dropped = group.counter("droppedInputs");
        expired = group.counter("expiredSessions");
        unloaded = group.counter("unloadedSessions");
        rebuilds = group.counter("cacheRebuilds");
        group.gauge("checkpointedStateBytes", () -> snapshotBytes);
        group.gauge("checkpointedSessions", () -> snapshotSessions);
        process.gauge("pendingCalls", () -> inference.scheduler().pending());
        process.gauge("seatedSessions", () -> inference.scheduler().seated());
        process.gauge("weightBytes", () -> inference.runtime().memory().weights());
        process.gauge("memoryInUseBytes", () -> inference.runtime().memory().inUse());
        process.gauge("memoryIdleBytes", () -> inference.runtime().memory().idle());
        timeLoads();
    }

    /** A call of this subtask returned. */
    public void returned(GraphRef graph, CallTiming timing) {
        GraphMetrics metrics = graphs.get(graph);
        if (metrics == null) {
            metrics = new GraphMetrics(group.addGroup("graph", graph.toString()));
            graphs.put(graph, metrics);
            timeLoads();
        }
        metrics.calls.inc();
        metrics.batchSize.update(timing.batchSize());
        metrics.queueMicros.update(timing.queuedNanos() / 1000);
        metrics.computeMicros.update(timing.computeNanos() / 1000);
    }

    /** Says of bundles that were loaded since how long it took. */
    private void timeLoads() {
        inference
                .bundles()
                .ifPresent(
                        bundles ->
                                bundles.loadTimes()
                                        .forEach(
                                                (id, time) -> {
                                                    if (timed.add(id)) {
                                                        process.addGroup("bundle", id.toString())
                                                                .gauge(
                                                                        "loadTimeMs",
                                                                        time::toMillis);
                                                    }
                                                }));
    }

    /** An input was dropped: it came before, or its session has ended. */
    public void dropped() {
        dropped.inc();
    }

    /** A session was forgotten that never ended. */
    public void expired() {
        expired.inc();
    }

    /** A session at rest left memory. */
    public void unloaded() {
        unloaded.inc();
    }

    /** A session made from its state opened a cache to fill it again. */
    public void rebuilt() {
        rebuilds.inc();
    }

    /** A checkpoint wrote so many changed sessions, of so many bytes. */
    public void wrote(int sessions, long bytes) {
        snapshotSessions = sessions;
        snapshotBytes = bytes;
    }
}
