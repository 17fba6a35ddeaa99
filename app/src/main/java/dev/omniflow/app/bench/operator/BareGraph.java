package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;

/** A graph in plain ONNX Runtime. Thread-safe. */
interface BareGraph extends AutoCloseable {
    /** Memory for so many sessions side by side. */
    BareBatch batch(int capacity) throws OrtException;

    /** A session before the first call that is timed. */
    Carried start(int session);

    @Override
    void close();
}
