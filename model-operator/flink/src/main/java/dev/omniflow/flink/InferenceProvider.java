package dev.omniflow.flink;

import java.io.Serializable;

/**
 * Loads models on a task manager. Travels with the job graph, so it holds options and paths, no
 * models.
 *
 * @param <I> inputs
 * @param <O> outputs
 */
public interface InferenceProvider<I, O> extends Serializable {
    /** Providers with equal keys load the same: a process opens one and shares it. */
    String key();

    /** Loads the models. */
    Inference<I, O> open() throws Exception;
}
