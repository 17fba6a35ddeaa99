package dev.omniflow.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.jobs.CaptionsJobOptions;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;

class CaptionsInferenceTest {
    @Test
    void isSharedByThoseThatNameTheSameDevice() {
        String onProcessor = new CaptionsInference(on("cpu")).key();
        assertThat(new CaptionsInference(on("cpu")).key()).isEqualTo(onProcessor);
        assertThat(new CaptionsInference(on("cuda:0")).key()).isNotEqualTo(onProcessor);
        assertThat(new CaptionsInference(limited("cuda:0")).key())
                .isNotEqualTo(new CaptionsInference(on("cuda:0")).key());
    }

    /** Where the job is defined; a cluster would say it after the deployment. */
    @Test
    void refusesADeviceThatIsNone() {
        assertThatThrownBy(() -> new CaptionsInference(on("gpu")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "omniflow.inference.device or omniflow.inference.max-device-memory is"
                                + " wrong: a device is cpu or cuda:N, for example cuda:0, but this"
                                + " is 'gpu'");
        assertThatThrownBy(() -> new CaptionsInference(limited("cpu")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxDeviceBytes limits a CUDA device");
    }

    private static Configuration on(String device) {
        return new Configuration()
                .set(CaptionsJobOptions.BUNDLES, List.of("/models/one"))
                .set(CaptionsJobOptions.DEVICE, device);
    }

    private static Configuration limited(String device) {
        return on(device).set(CaptionsJobOptions.MAX_DEVICE_MEMORY, MemorySize.ofMebiBytes(512));
    }
}
