package dev.omniflow.onnx;

import org.junit.jupiter.api.Tag;

/** The example bundle on a graphics card. */
@Tag("cuda")
class ExampleCudaIT extends OnnxGraphRuntimeContractTest {
    @Override
    OnnxOptions options() {
        return CudaDevice.options();
    }
}
