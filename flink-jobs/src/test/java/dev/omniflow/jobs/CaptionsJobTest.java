package dev.omniflow.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionsJobTest {
    private static Configuration options() {
        Configuration options = new Configuration();
        options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, "localhost:1");
        options.set(CaptionsJobOptions.BUNDLES, List.of("one", "two"));
        return options;
    }

    private static StreamExecutionEnvironment defined(Configuration options) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.configure(
                new Configuration()
                        .set(PipelineOptions.GENERIC_TYPES, false)
                        .set(PipelineOptions.AUTO_GENERATE_UIDS, false));
        CaptionsJob.define(env, options);
        return env;
    }

    @Test
    void everyOperatorHasItsIdAndNoTypeIsGeneric() {
        // Without generated ids the graph of a job that leaves one out cannot be built.
        var graph = defined(options()).getStreamGraph();

        assertThat(graph.getJobGraph().getVertices()).isNotEmpty();
        assertThat(graph.getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains(
                        "media-source",
                        "dead-letters",
                        "media-events",
                        "captions",
                        "stamp",
                        "captions-stream",
                        "usage-stream",
                        "models-source",
                        "models-fold",
                        "model-host",
                        "rollout-gate");
    }

    @Test
    void withoutRolloutsItNeedsNoLogOfThem() {
        Configuration options = options();
        options.set(CaptionsJobOptions.ROLLOUTS, false);

        assertThat(defined(options).getStreamGraph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains("captions")
                .doesNotContain("models-source", "model-host");
    }

    @Test
    void saysWhichOptionIsMissing() {
        Configuration noBrokers = options();
        noBrokers.removeConfig(CaptionsJobOptions.BOOTSTRAP_SERVERS);
        Configuration noBundles = options();
        noBundles.removeConfig(CaptionsJobOptions.BUNDLES);

        assertThatThrownBy(() -> defined(noBrokers))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("omniflow.kafka.bootstrap-servers is missing");
        assertThatThrownBy(() -> defined(noBundles))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("omniflow.bundles is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "omniflow.inference.lanes, -1",
        "omniflow.inference.threads-per-call, 0",
        "omniflow.inference.max-pending-inputs, 0",
        "omniflow.kafka.transaction-timeout, 0 s",
        "omniflow.kafka.transaction-timeout, 40 d",
        "omniflow.kafka.transactional-id-prefix, ''",
    })
    void refusesValuesThatMakeNoSenseWhereTheJobIsDefined(String key, String value) {
        Configuration options = options();
        options.setString(key, value);

        assertThatThrownBy(() -> defined(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(key);
    }
}
