package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import dev.omniflow.core.graph.GraphException;
import org.junit.jupiter.api.Test;

class OrtFailuresTest {
    private static final Device CUDA = new Device.Cuda(0);

    @Test
    void blamesTheCallForWhatTheGraphRefuses() {
        assertThat(lost(OrtErrorCode.ORT_INVALID_ARGUMENT, "Got invalid dimensions", Device.CPU))
                .isFalse();
        assertThat(lost(OrtErrorCode.ORT_FAIL, "indices element out of data bounds", CUDA))
                .isFalse();
    }

    @Test
    void blamesTheDeviceForWhatStays() {
        assertThat(lost(OrtErrorCode.ORT_EP_FAIL, "gone", Device.CPU)).isTrue();
        assertThat(lost(OrtErrorCode.ORT_ENGINE_ERROR, "gone", CUDA)).isTrue();
        assertThat(lost(OrtErrorCode.ORT_DEVICE_RESET, "gone", CUDA)).isTrue();
        assertThat(
                        lost(
                                OrtErrorCode.ORT_FAIL,
                                "CUDA failure 700: an illegal memory access was encountered",
                                CUDA))
                .isTrue();
    }

    /** A smaller batch may fit. */
    @Test
    void blamesTheCallForWantOfMemory() {
        assertThat(lost(OrtErrorCode.ORT_FAIL, "CUDA failure 2: out of memory", CUDA)).isFalse();
        assertThat(lost(OrtErrorCode.ORT_EP_FAIL, "CUDA error: out of memory", CUDA)).isFalse();
        assertThat(
                        lost(
                                OrtErrorCode.ORT_RUNTIME_EXCEPTION,
                                "Failed to allocate memory for requested buffer of size 9",
                                CUDA))
                .isFalse();
    }

    private static boolean lost(OrtErrorCode code, String message, Device device) {
        OrtException cause = new OrtException(code, message);
        GraphException failure = OrtFailures.of(cause, device);
        assertThat(failure).hasCause(cause).hasMessageContaining(message);
        return failure.deviceLost();
    }
}
