package dev.omniflow.onnx;

import org.junit.jupiter.api.Tag;

/** Every shape of the recognisers on a graphics card. */
@Tag("cuda")
class WhisperShapesCudaIT extends WhisperShapesIT {
    @Override
    OnnxOptions options() {
        return CudaDevice.options();
    }
}
