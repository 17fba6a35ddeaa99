package dev.omniflow.onnx;

import org.junit.jupiter.api.Tag;

/** The voice activity bundle on a graphics card. */
@Tag("cuda")
class SileroCudaIT extends SileroContractIT {
    @Override
    OnnxOptions options() {
        return CudaDevice.options();
    }
}
