package dev.omniflow.flink;

import java.io.Serializable;

/**
 * How inputs of a session are numbered by whoever wrote them, so that repeated ones can be dropped.
 *
 * @param <I> inputs
 */
public interface InputOrder<I> extends Serializable {
    /**
     * Number of the input within its session; rises, whoever writes. An input whose number came
     * before is dropped. From 0 on.
     */
    long sequence(I input);

    /**
     * Which writer of the session wrote it. Once a later epoch came, inputs of earlier ones are
     * dropped. 0 for all where a session has one writer.
     */
    default int epoch(I input) {
        return 0;
    }
}
