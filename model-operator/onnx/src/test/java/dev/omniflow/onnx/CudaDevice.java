package dev.omniflow.onnx;

/**
 * The graphics card that tests tagged {@code cuda} run on. They run with {@code -Pcuda} and fail
 * where there is none.
 */
final class CudaDevice {
    private CudaDevice() {}

    static OnnxOptions options() {
        return OnnxOptions.defaults().withDevice(new Device.Cuda(0));
    }
}
