package dev.omniflow.jobs.internal;

import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.flink.ModelDemand;
import dev.omniflow.flink.ModelRollouts;
import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.Topics;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Models that change while the job runs:
 *
 * <pre>
 * omni.models -> fold -> to every slot: host models -> decide -> omni.models
 *                    \---------------------------------------/
 * </pre>
 *
 * <p>Not connected with the sessions' part of the job: neither waits for the other, and one
 * restarts without the other.
 */
public final class RolloutTopology {
    private RolloutTopology() {}

    /** Adds it to a job whose sessions run on that inference. */
    public static void define(
            StreamExecutionEnvironment env, String brokers, InferenceProvider<?, ?> inference) {
        SingleOutputStreamOperator<ModelDemand> demands =
                env.fromSource(
                                source(brokers),
                                WatermarkStrategy.noWatermarks(),
                                "read " + Topics.MODELS)
                        .uid("models-source")
                        .setParallelism(1)
                        .transform(
                                "fold rollouts",
                                TypeInformation.of(ModelDemand.class),
                                new ModelFoldFactory())
                        .uid("models-fold")
                        .setParallelism(1);
        ModelRollouts.apply(demands, inference)
                .union(demands.getSideOutput(ModelFold.DECIDED))
                .sinkTo(Sinks.rollouts(brokers))
                .name("write " + Topics.MODELS)
                .uid("models-sink")
                .setParallelism(1);
    }

    private static KafkaSource<ModelEvent> source(String brokers) {
        return KafkaSource.<ModelEvent>builder()
                .setBootstrapServers(brokers)
                .setTopics(Topics.MODELS)
                // From the first rollout on, unless a checkpoint says where to go on.
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setProperty("commit.offsets.on.checkpoint", "false")
                .setDeserializer(new ModelRecordDeserializer())
                .build();
    }
}
