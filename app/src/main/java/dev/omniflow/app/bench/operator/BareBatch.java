package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;
import java.util.List;

/**
 * Sessions that go through a graph side by side, in plain ONNX Runtime: direct buffers, tensors
 * that are made once, outputs written in place, and state that stays where the graph reads it. Not
 * thread-safe.
 */
interface BareBatch extends AutoCloseable {
    /** Begins anew with these sessions, which have made the same number of calls. */
    void load(List<Carried> sessions) throws OrtException;

    /** One call of every session, in one run. */
    void step() throws OrtException;

    /** What the results of a row's session amount to. */
    long digest(int row);

    /** The session of the first row after the step that was made from {@code before}. */
    Carried unload(Carried before);

    @Override
    void close();
}
