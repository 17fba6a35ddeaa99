package dev.omniflow.jobs.internal;

import dev.omniflow.flink.ModelDemand;
import dev.omniflow.schemas.ModelEvent;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the {@link ModelFold} on a task manager. */
final class ModelFoldFactory extends AbstractStreamOperatorFactory<ModelDemand>
        implements OneInputStreamOperatorFactory<ModelEvent, ModelDemand> {
    private static final long serialVersionUID = 1;

    @Override
    // Flink declares it so; it asks for any operator of this stream, and there is only this one.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T extends StreamOperator<ModelDemand>> T createStreamOperator(
            StreamOperatorParameters<ModelDemand> parameters) {
        return (T) new ModelFold(parameters);
    }

    @Override
    @SuppressWarnings("rawtypes") // as Flink declares it
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return ModelFold.class;
    }
}
