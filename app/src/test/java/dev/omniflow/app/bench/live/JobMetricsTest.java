package dev.omniflow.app.bench.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Properties;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.junit.jupiter.api.Test;

class JobMetricsTest {
    /** A group with variables. */
    private static final class Group extends UnregisteredMetricsGroup {
        private final Map<String, String> variables;

        Group(String operator, String graph) {
            variables = Map.of("<operator_name>", operator, "<graph>", graph);
        }

        @Override
        public Map<String, String> getAllVariables() {
            return variables;
        }
    }

    private final MetricGroup ours = new Group("captions", "voice");
    private final MetricGroup second = new Group("captions", "words");

    @Test
    void readsCountersAndGaugesOfItsOperator() {
        JobMetrics metrics = JobMetrics.of("captions");
        SimpleCounter one = counter(3);
        SimpleCounter other = counter(4);
        metrics.notifyOfAddedMetric(one, "calls", ours);
        metrics.notifyOfAddedMetric(other, "calls", second);
        metrics.notifyOfAddedMetric(counter(100), "calls", new Group("stamp", "voice"));
        Gauge<Integer> sessions = () -> 7;
        metrics.notifyOfAddedMetric(sessions, "sessions", ours);

        assertThat(metrics.sum("calls")).isEqualTo(7);
        assertThat(metrics.most("calls")).isEqualTo(4);
        assertThat(metrics.sum("calls", labels -> "words".equals(labels.get("<graph>"))))
                .isEqualTo(4);
        assertThat(metrics.sum("sessions")).isEqualTo(7);
        assertThat(metrics.sum("unheard of")).isZero();
        assertThat(metrics.most("unheard of")).isZero();

        one.inc();
        metrics.notifyOfRemovedMetric(other, "calls", second);
        assertThat(metrics.sum("calls")).isEqualTo(4);
        metrics.forget();
    }

    private static SimpleCounter counter(long count) {
        SimpleCounter counter = new SimpleCounter();
        counter.inc(count);
        return counter;
    }

    @Test
    void aClusterFindsItByItsSettings() {
        JobMetrics metrics = JobMetrics.of("captions");
        Properties properties = new Properties();
        properties.setProperty(
                JobMetrics.NAME, metrics.settings().get("metrics.reporter.omniflow.into"));
        MetricReporter found = new JobMetricsFactory().createMetricReporter(properties);
        assertThat(found).isSameAs(metrics);
        metrics.forget();
        assertThatThrownBy(() -> new JobMetricsFactory().createMetricReporter(properties))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no metrics of this process are named");
    }
}
