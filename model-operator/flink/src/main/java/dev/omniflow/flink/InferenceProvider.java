package dev.omniflow.flink;

import java.io.Serializable;
import java.time.Duration;

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

    /**
     * How long an inference that no subtask uses any more is kept for the next one. A job that
     * restarts after a failure finds its models loaded then. Zero by default.
     */
    default Duration keepFor() {
        return Duration.ZERO;
    }

    /** Loads the models. */
    Inference<I, O> open() throws Exception;
}
