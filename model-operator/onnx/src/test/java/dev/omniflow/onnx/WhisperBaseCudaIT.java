package dev.omniflow.onnx;

import org.junit.jupiter.api.Tag;

/** The multilingual bundle on a graphics card. */
@Tag("cuda")
class WhisperBaseCudaIT extends WhisperBaseContractIT {
    @Override
    OnnxOptions options() {
        return CudaDevice.options();
    }
}
