package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OnnxSessionsTest {
    private static final OnnxOptions CUDA = OnnxOptions.defaults().withDevice(new Device.Cuda(2));

    @Test
    void probesADeviceWithASum() throws Exception {
        assertThat(OnnxSessions.probe())
                .isEqualTo(
                        new OnnxFile()
                                .floatInput("x", 1)
                                .node("Add", "y", "x", "x")
                                .floatOutput("y", 1)
                                .bytes());
        new OnnxSessions(OrtEnvironment.getEnvironment(), OnnxOptions.defaults()).requireRuns();
    }

    @Test
    void asksCudaForTheSameSumsEveryTime() {
        Map<String, String> settings =
                Map.of(
                        "arena_extend_strategy", "kSameAsRequested",
                        "cudnn_conv_algo_search", "DEFAULT",
                        "use_tf32", "0");
        assertThat(OnnxSessions.cudaSettings(CUDA)).isEqualTo(settings);
        assertThat(OnnxSessions.cudaSettings(CUDA.withMaxDeviceBytes(1L << 33)))
                .containsAllEntriesOf(settings)
                .containsEntry("gpu_mem_limit", "8589934592");
    }

    /** Never another device in its place. */
    @Test
    @Tag("cpu-natives")
    void saysHowToGetALibraryThatKnowsTheDevice() {
        assertThatThrownBy(() -> new OnnxGraphRuntime(CUDA))
                .isInstanceOf(DeviceException.class)
                .hasMessageMatching(
                        "expected CUDA device 2, but the ONNX Runtime [0-9.]+ on the class path is"
                                + " the one for processors only: build with -Pcuda, or take the"
                                + " device cpu");
    }
}
