package dev.omniflow.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.schedule.CallTiming;
import dev.omniflow.core.schedule.SchedulerOptions;
import dev.omniflow.flink.Inference;
import dev.omniflow.testkit.FakeGraphRuntime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InferenceMetricsTest {
    private static final GraphRef STEP = new GraphRef(new BundleId("model", "1"), "step");

    private final Map<String, Metric> metrics = new TreeMap<>();
    private final Inference<String, String> inference =
            new Inference<>(
                    (context, snapshot, retained) -> {
                        throw new UnsupportedOperationException("no session here");
                    },
                    new FakeGraphRuntime(),
                    Optional.empty(),
                    SchedulerOptions.ofLanes(1));

    /** Keeps metrics by their full names. */
    private final class Group extends UnregisteredMetricsGroup {
        private final String prefix;

        Group(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public Counter counter(String name) {
            Counter counter = super.counter(name);
            metrics.put(prefix + name, counter);
            return counter;
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            metrics.put(prefix + name, gauge);
            return gauge;
        }

        @Override
        public <H extends Histogram> H histogram(String name, H histogram) {
            metrics.put(prefix + name, histogram);
            return histogram;
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new Group(prefix + name + ".");
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return new Group(prefix + key + "." + value + ".");
        }
    }

    @AfterEach
    void close() {
        inference.close();
    }

    private Object gauge(String name) {
        return ((Gauge<?>) metrics.get(name)).getValue();
    }

    @Test
    void tellsHowCallsOfEachGraphGo() {
        InferenceMetrics figures = new InferenceMetrics(new Group(""), inference);

        figures.returned(STEP, new CallTiming(3_000_000, 5_000_000, 4));
        figures.returned(STEP, new CallTiming(1_000_000, 7_000_000, 8));

        String graph = "graph.model@1/step.";
        assertThat(((Counter) metrics.get(graph + "calls")).getCount()).isEqualTo(2);
        assertThat(((Histogram) metrics.get(graph + "batchSize")).getStatistics().getMean())
                .isEqualTo(6);
        assertThat(((Histogram) metrics.get(graph + "queueTimeUs")).getStatistics().getMax())
                .isEqualTo(3000);
        assertThat(((Histogram) metrics.get(graph + "computeTimeUs")).getStatistics().getMin())
                .isEqualTo(5000);
    }

    @Test
    void tellsWhatBecomesOfSessionsAndInputs() {
        InferenceMetrics figures = new InferenceMetrics(new Group(""), inference);

        figures.dropped();
        figures.expired();
        figures.unloaded();
        figures.rebuilt();
        figures.wrote(3, 1200);

        for (String name :
                new String[] {
                    "droppedInputs", "expiredSessions", "unloadedSessions", "cacheRebuilds"
                }) {
            assertThat(((Counter) metrics.get(name)).getCount()).as(name).isEqualTo(1);
        }
        assertThat(gauge("checkpointedSessions")).isEqualTo(3);
        assertThat(gauge("checkpointedStateBytes")).isEqualTo(1200L);
    }

    @Test
    void tellsWhatTheProcessHolds() {
        InferenceMetrics unused = new InferenceMetrics(new Group(""), inference);

        inference.scheduler().trySeat();
        inference.runtime().newCache();

        assertThat(gauge("process.seatedSessions")).isEqualTo(1);
        assertThat(gauge("process.pendingCalls")).isEqualTo(0);
        assertThat(gauge("process.memoryInUseBytes")).isEqualTo(1L);
        assertThat(gauge("process.memoryIdleBytes")).isEqualTo(0L);
        assertThat(gauge("process.weightBytes")).isEqualTo(0L);
    }
}
