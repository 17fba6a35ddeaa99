package dev.omniflow.flink;

import dev.omniflow.flink.internal.ModelHostFactory;
import dev.omniflow.flink.internal.RolloutGate;
import dev.omniflow.flink.internal.RolloutReport;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Keeps bundles loaded in every process that runs sessions, and tries new ones there before they
 * are put into service.
 *
 * <p>A bundle on trial is loaded beside those in service, on a thread of its own: sessions and
 * checkpoints go on. Only if every process can load it is the verdict good; a bundle that one
 * cannot load changes nothing. A bundle that goes out of service is given back, and unloads when
 * the last session that runs on it ends.
 *
 * <p>Keeps no state: after a restart whoever makes the demands makes all of them again, under
 * another run, and what is still on trial is tried again. So it may be rescaled, and a verdict may
 * come more than once; the first counts.
 */
public final class ModelRollouts {
    private ModelRollouts() {}

    /**
     * Adds the trials to the job, in the slots in which the inference runs.
     *
     * @param demands what is wanted of each role, in one stream
     * @param provider that of the inference whose bundles these are, with {@link Inference#bundles}
     */
    public static SingleOutputStreamOperator<RolloutVerdict> apply(
            DataStream<ModelDemand> demands, InferenceProvider<?, ?> provider) {
        Objects.requireNonNull(provider, "provider");
        return demands.broadcast()
                .transform(
                        "host models",
                        TypeInformation.of(RolloutReport.class),
                        new ModelHostFactory(provider))
                .uid("model-host")
                .global()
                .flatMap(new RolloutGate())
                .returns(TypeInformation.of(RolloutVerdict.class))
                .name("decide rollouts")
                .uid("rollout-gate")
                .setParallelism(1);
    }
}
