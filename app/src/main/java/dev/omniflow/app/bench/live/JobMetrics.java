package dev.omniflow.app.bench.live;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;

/**
 * The counters and gauges of an operator that runs in this process, read when they are asked for.
 * Gauges are read beside the task's thread, so a figure can be a moment old.
 *
 * <p>Thread-safe. {@link #forget} when the cluster is gone.
 */
public final class JobMetrics implements MetricReporter {
    static final String NAME = "into";

    private static final Map<String, JobMetrics> ALL = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();
    private final String operator;
    private final Map<Metric, Labels> metrics = new ConcurrentHashMap<>();

    private record Labels(String name, Map<String, String> variables) {}

    private JobMetrics(String operator) {
        this.operator = operator;
    }

    /** Of the operator of that name, in the cluster that gets {@link #settings}. */
    public static JobMetrics of(String operator) {
        JobMetrics metrics = new JobMetrics(operator);
        ALL.put(metrics.id, metrics);
        return metrics;
    }

    static JobMetrics named(String id) {
        JobMetrics metrics = ALL.get(id);
        if (metrics == null) {
            throw new IllegalArgumentException("no metrics of this process are named " + id);
        }
        return metrics;
    }

    /** What a cluster has to be told to report here. */
    public Map<String, String> settings() {
        return Map.of(
                "metrics.reporter.omniflow.factory.class",
                JobMetricsFactory.class.getName(),
                "metrics.reporter.omniflow." + NAME,
                id);
    }

    /** No cluster reports here any more. */
    public void forget() {
        ALL.remove(id);
    }

    /** Sum over subtasks; 0 if there is none. */
    public long sum(String name) {
        return sum(name, variables -> true);
    }

    /** Sum over what was registered with such variables; 0 if there is none. */
    public long sum(String name, Predicate<Map<String, String>> which) {
        return metrics.entrySet().stream()
                .filter(each -> each.getValue().name().equals(name))
                .filter(each -> which.test(each.getValue().variables()))
                .mapToLong(each -> value(each.getKey()))
                .sum();
    }

    /** Largest of all subtasks, for what they share; 0 if there is none. */
    public long most(String name) {
        return metrics.entrySet().stream()
                .filter(each -> each.getValue().name().equals(name))
                .mapToLong(each -> value(each.getKey()))
                .max()
                .orElse(0);
    }

    private static long value(Metric metric) {
        if (metric instanceof Counter counter) {
            return counter.getCount();
        }
        return metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number
                ? number.longValue()
                : 0;
    }

    @Override
    public void open(MetricConfig config) {
        // What is to be known was handed over when it was made.
    }

    @Override
    public void close() {
        metrics.clear();
    }

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        Map<String, String> variables = new HashMap<>(group.getAllVariables());
        boolean readable = metric instanceof Counter || metric instanceof Gauge<?>;
        if (readable && operator.equals(variables.get("<operator_name>"))) {
            metrics.put(metric, new Labels(name, variables));
        }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
        metrics.remove(metric);
    }
}
