package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class OnnxOptionsTest {
    private final OnnxOptions defaults = OnnxOptions.defaults();

    @Test
    void runOnTheProcessorUnlessToldOtherwise() {
        assertThat(defaults)
                .isEqualTo(new OnnxOptions(1, 256L << 20, Device.CPU, OptionalLong.empty()))
                .isEqualTo(new OnnxOptions(1, 256L << 20));
    }

    @Test
    void changeOneByOne() {
        assertThat(
                        defaults.withThreadsPerCall(3)
                                .withDevice(new Device.Cuda(1))
                                .withMaxDeviceBytes(5))
                .isEqualTo(new OnnxOptions(3, 256L << 20, new Device.Cuda(1), OptionalLong.of(5)));
    }

    @Test
    void refuseWhatMakesNoSense() {
        assertRefused(() -> defaults.withThreadsPerCall(0), "threadsPerCall is 0, not >= 1");
        assertRefused(() -> new OnnxOptions(1, -1), "maxIdleBytes is -1, not >= 0");
        assertRefused(
                () -> defaults.withDevice(new Device.Cuda(0)).withMaxDeviceBytes(0),
                "maxDeviceBytes is 0, not >= 1");
        assertRefused(
                () -> defaults.withMaxDeviceBytes(1),
                "maxDeviceBytes limits a CUDA device, but the device is cpu: name a device cuda:N"
                        + " or leave the limit out");
    }

    private static void assertRefused(Runnable options, String message) {
        assertThatThrownBy(options::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
