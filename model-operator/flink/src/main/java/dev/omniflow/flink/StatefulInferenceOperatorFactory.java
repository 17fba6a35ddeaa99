package dev.omniflow.flink;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the operator on a task manager. */
final class StatefulInferenceOperatorFactory<K, I, O> extends AbstractStreamOperatorFactory<O>
        implements OneInputStreamOperatorFactory<I, O> {
    private static final long serialVersionUID = 1;

    private final InferenceProvider<I, O> provider;
    private final InputOrder<I> order;
    private final SessionLimits limits;
    private final TypeInformation<I> inputType;

    StatefulInferenceOperatorFactory(
            InferenceProvider<I, O> provider,
            InputOrder<I> order,
            SessionLimits limits,
            TypeInformation<I> inputType) {
        this.provider = provider;
        this.order = order;
        this.limits = limits;
        this.inputType = inputType;
    }

    @Override
    // Flink declares it so; it asks for any operator of this stream, and there is only this one.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T extends StreamOperator<O>> T createStreamOperator(
            StreamOperatorParameters<O> parameters) {
        return (T)
                new StatefulInferenceOperator<K, I, O>(
                        parameters, provider, order, limits, inputType);
    }

    @Override
    @SuppressWarnings("rawtypes") // as Flink declares it
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return StatefulInferenceOperator.class;
    }
}
