package dev.omniflow.onnx;

import ai.onnxruntime.OrtException;
import dev.omniflow.core.graph.GraphException;
import java.util.Locale;

/** Whose fault it is that a run failed. */
final class OrtFailures {
    private OrtFailures() {}

    /** What a run of ONNX Runtime failed with, as what has failed. */
    static GraphException of(OrtException failure, Device device) {
        String message = String.valueOf(failure.getMessage());
        boolean lost =
                switch (failure.getCode()) {
                    case ORT_EP_FAIL, ORT_ENGINE_ERROR, ORT_DEVICE_RESET -> !isOutOfMemory(message);
                    default -> device instanceof Device.Cuda && isBrokenContext(message);
                };
        return lost
                ? GraphException.ofDevice(message, failure)
                : GraphException.ofCall(message, failure);
    }

    /**
     * CUDA's own errors, other than a want of memory, stay with the process: every later run fails
     * as well.
     */
    private static boolean isBrokenContext(String message) {
        boolean ofCuda =
                message.contains("CUDA failure")
                        || message.contains("CUDA error")
                        || message.contains("CUBLAS failure")
                        || message.contains("CUDNN failure");
        return ofCuda && !isOutOfMemory(message);
    }

    private static boolean isOutOfMemory(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("out of memory") || lower.contains("failed to allocate");
    }
}
