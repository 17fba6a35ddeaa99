package dev.omniflow.flink;

import java.time.Duration;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Puts stateful inference on a keyed stream: every key is a session, and each session runs a
 * program over loaded models.
 *
 * <pre>{@code
 * SingleOutputStreamOperator<OutputEvent> outputs = StatefulInference.of(provider, new MediaEventOrder())
 *         .apply("captions", events.keyBy(MediaEvent::getSession), outputType);
 * }</pre>
 *
 * @param <I> inputs
 * @param <O> outputs
 */
public final class StatefulInference<I, O> {
    private final InferenceProvider<I, O> provider;
    private final InputOrder<I> order;
    private final SessionLimits limits;

    private StatefulInference(
            InferenceProvider<I, O> provider, InputOrder<I> order, SessionLimits limits) {
        this.provider = provider;
        this.order = order;
        this.limits = limits;
    }

    /** Inference with what the provider loads, over inputs numbered in that way. */
    public static <I, O> StatefulInference<I, O> of(
            InferenceProvider<I, O> provider, InputOrder<I> order) {
        return new StatefulInference<>(
                Objects.requireNonNull(provider, "provider"),
                Objects.requireNonNull(order, "order"),
                SessionLimits.DEFAULTS);
    }

    /**
     * Inputs of all sessions of a subtask that may wait before it takes no more; 256 unless said
     * otherwise.
     */
    public StatefulInference<I, O> maxPendingInputs(int inputs) {
        return new StatefulInference<>(provider, order, limits.withMaxPendingInputs(inputs));
    }

    /**
     * How long a session at rest stays in memory after its last input; a minute unless said
     * otherwise. Its state stays, and it is loaded again when an input comes.
     */
    public StatefulInference<I, O> unloadAfter(Duration duration) {
        return new StatefulInference<>(provider, order, limits.withUnloadAfter(duration));
    }

    /**
     * How long a session that never ended keeps its state after its last input; a day unless said
     * otherwise. Measured by the clock of the machine, since the session's own log says no more.
     */
    public StatefulInference<I, O> forgetAfter(Duration duration) {
        return new StatefulInference<>(provider, order, limits.withForgetAfter(duration));
    }

    /** Adds the operator to the stream. */
    public <K> SingleOutputStreamOperator<O> apply(
            String name, KeyedStream<I, K> stream, TypeInformation<O> outputType) {
        return stream.transform(
                name,
                outputType,
                new StatefulInferenceOperatorFactory<>(provider, order, limits, stream.getType()));
    }
}
