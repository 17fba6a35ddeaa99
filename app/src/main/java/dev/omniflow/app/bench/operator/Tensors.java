package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** Tensors over direct buffers, closed together. Not thread-safe. */
final class Tensors implements AutoCloseable {
    private final OrtEnvironment environment = environment();
    private final List<OnnxTensor> open = new ArrayList<>();

    /** That of the process. */
    static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment("omniflow");
    }

    /** As the operator's runtime sets it: one thread a run, which does not spin. */
    static OrtSession session(String file) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            return environment().createSession(file, options);
        }
    }

    static FloatBuffer floats(long elements) {
        return bytes(elements * Float.BYTES).asFloatBuffer();
    }

    static LongBuffer longs(long elements) {
        return bytes(elements * Long.BYTES).asLongBuffer();
    }

    private static ByteBuffer bytes(long count) {
        return ByteBuffer.allocateDirect(Math.toIntExact(count)).order(ByteOrder.nativeOrder());
    }

    /** A tensor over the first elements of a buffer, without a copy. */
    OnnxTensor over(FloatBuffer buffer, long... shape) throws OrtException {
        return keep(OnnxTensor.createTensor(environment, buffer.slice(0, size(shape)), shape));
    }

    /** A tensor over the first elements of a buffer, without a copy. */
    OnnxTensor over(LongBuffer buffer, long... shape) throws OrtException {
        return keep(OnnxTensor.createTensor(environment, buffer.slice(0, size(shape)), shape));
    }

    private OnnxTensor keep(OnnxTensor tensor) {
        open.add(tensor);
        return tensor;
    }

    static int size(long... shape) {
        long size = 1;
        for (long dimension : shape) {
            size *= dimension;
        }
        return Math.toIntExact(size);
    }

    @Override
    public void close() {
        open.forEach(OnnxTensor::close);
        open.clear();
    }
}
