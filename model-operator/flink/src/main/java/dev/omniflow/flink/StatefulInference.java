package dev.omniflow.flink;

import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Puts stateful inference on a keyed stream: every key is a session, and each session runs a
 * program over loaded models.
 *
 * <pre>{@code
 * SingleOutputStreamOperator<OutputEvent> outputs = StatefulInference.of(provider)
 *         .inputOrder(new MediaEventOrder())
 *         .apply("captions", events.keyBy(MediaEvent::getSession), outputType);
 * }</pre>
 *
 * @param <I> inputs
 * @param <O> outputs
 */
public final class StatefulInference<I, O> {
    private static final int DEFAULT_MAX_PENDING = 256;

    private final InferenceProvider<I, O> provider;
    private final InputOrder<I> order;
    private final int maxPendingInputs;

    private StatefulInference(
            InferenceProvider<I, O> provider, InputOrder<I> order, int maxPendingInputs) {
        this.provider = provider;
        this.order = order;
        this.maxPendingInputs = maxPendingInputs;
    }

    /** Inference with what the provider loads, over inputs numbered in that way. */
    public static <I, O> StatefulInference<I, O> of(
            InferenceProvider<I, O> provider, InputOrder<I> order) {
        return new StatefulInference<>(
                Objects.requireNonNull(provider, "provider"),
                Objects.requireNonNull(order, "order"),
                DEFAULT_MAX_PENDING);
    }

    /**
     * Inputs of all sessions of a subtask that may wait before it takes no more; 256 unless said
     * otherwise.
     */
    public StatefulInference<I, O> maxPendingInputs(int inputs) {
        if (inputs < 1) {
            throw new IllegalArgumentException("maxPendingInputs is " + inputs + ", not >= 1");
        }
        return new StatefulInference<>(provider, order, inputs);
    }

    /** Adds the operator to the stream. */
    public <K> SingleOutputStreamOperator<O> apply(
            String name, KeyedStream<I, K> stream, TypeInformation<O> outputType) {
        return stream.transform(
                name,
                outputType,
                new StatefulInferenceOperatorFactory<>(
                        provider, order, maxPendingInputs, stream.getType()));
    }
}
