package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {
    @Test
    void namesProcessorsAndCards() {
        assertThat(Device.parse("cpu")).isEqualTo(Device.CPU).hasToString("cpu");
        assertThat(Device.parse("cuda:0")).isEqualTo(new Device.Cuda(0)).hasToString("cuda:0");
        assertThat(Device.parse("cuda:12")).isEqualTo(new Device.Cuda(12)).hasToString("cuda:12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda", "cuda:", "cuda:-1", "cuda:1x", "CPU", "cuda:1000"})
    void refusesWhatIsNone(String name) {
        assertThatThrownBy(() -> Device.parse(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a device is cpu or cuda:N, for example cuda:0, but this is '"
                                + name
                                + "'");
    }

    @Test
    void refusesANegativeNumber() {
        assertThatThrownBy(() -> new Device.Cuda(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a CUDA device has a number >= 0, not -1");
    }
}
