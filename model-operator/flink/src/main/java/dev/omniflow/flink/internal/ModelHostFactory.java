package dev.omniflow.flink.internal;

import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.flink.ModelDemand;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link ModelHost}s on task managers. */
public final class ModelHostFactory extends AbstractStreamOperatorFactory<RolloutReport>
        implements OneInputStreamOperatorFactory<ModelDemand, RolloutReport> {
    private static final long serialVersionUID = 1;

    private final InferenceProvider<?, ?> provider;

    /** Over the bundles of an inference. */
    public ModelHostFactory(InferenceProvider<?, ?> provider) {
        this.provider = provider;
    }

    @Override
    // Flink declares it so; it asks for any operator of this stream, and there is only this one.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T extends StreamOperator<RolloutReport>> T createStreamOperator(
            StreamOperatorParameters<RolloutReport> parameters) {
        return (T) new ModelHost(parameters, provider);
    }

    @Override
    @SuppressWarnings("rawtypes") // as Flink declares it
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return ModelHost.class;
    }
}
