package dev.omniflow.onnx;

import org.junit.jupiter.api.Tag;

/** The English bundle on a graphics card. */
@Tag("cuda")
class WhisperCudaIT extends WhisperContractIT {
    @Override
    OnnxOptions options() {
        return CudaDevice.options();
    }
}
