package dev.omniflow.speech.endpointing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EndpointingOptionsTest {
    @Test
    void liveSpeechHasTheseOptions() {
        assertThat(EndpointingOptions.live())
                .isEqualTo(new EndpointingOptions(0.5f, 0.35f, 120, 500, 200, 5_000, 28_000, 300));
        assertThat(EndpointingOptions.withPause(100).longPauseMs()).isEqualTo(100);
    }

    @Test
    void sayWhatIsWrong() {
        assertThatThrownBy(() -> new EndpointingOptions(0.3f, 0.4f, 0, 500, 200, 1000, 2000, 0))
                .hasMessageContaining("stopProbability <= startProbability")
                .hasMessageContaining("0.4 and 0.3");
        assertThatThrownBy(() -> new EndpointingOptions(0.5f, 0.4f, 0, 100, 200, 1000, 2000, 0))
                .hasMessageContaining("longPauseMs <= pauseMs, not 200 and 100");
        assertThatThrownBy(() -> new EndpointingOptions(0.5f, 0.4f, 0, 500, 200, 1000, 29_500, 300))
                .hasMessageContaining("maxMs + 2 * paddingMs <= 30000");
        assertThatThrownBy(() -> new EndpointingOptions(0.5f, 0.4f, -1, 500, 200, 1000, 2000, 0))
                .hasMessageContaining("negative");
    }
}
