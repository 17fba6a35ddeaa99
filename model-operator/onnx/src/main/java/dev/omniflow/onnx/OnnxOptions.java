package dev.omniflow.onnx;

/**
 * How ONNX Runtime is used.
 *
 * @param threadsPerCall threads that work on one run; 1 spends nothing on handing work around
 * @param maxIdleBytes direct memory kept for later use beyond what is in use
 */
public record OnnxOptions(int threadsPerCall, long maxIdleBytes) {
    public OnnxOptions {
        if (threadsPerCall < 1) {
            throw new IllegalArgumentException(
                    "threadsPerCall is " + threadsPerCall + ", not >= 1");
        }
        if (maxIdleBytes < 0) {
            throw new IllegalArgumentException("maxIdleBytes is " + maxIdleBytes + ", not >= 0");
        }
    }

    /** One thread a call, 256 MiB kept. */
    public static OnnxOptions defaults() {
        return new OnnxOptions(1, 256L << 20);
    }
}
