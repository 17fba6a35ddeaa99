package dev.omniflow.app.bench.live;

import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Gives a cluster of this process the {@link JobMetrics} that its settings name. */
public final class JobMetricsFactory implements MetricReporterFactory {
    /** Made by Flink, which finds it as a service. */
    public JobMetricsFactory() {}

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return JobMetrics.named(properties.getProperty(JobMetrics.NAME));
    }
}
