package dev.omniflow.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SensorStateTest {
    private static final SensorState SAMPLE =
            new SensorState(
                    300,
                    2,
                    new Spread(48, 21.5, 96.25),
                    new ErrorRange(250, 0.0078125, 7),
                    -0.375f,
                    new float[] {0.5f, -0.25f, 0, 1});

    /** What the first release wrote, every later one reads. */
    @Test
    void readsWhatVersion1Wrote() throws IOException {
        assertThat(SensorState.fromBytes(golden())).usingRecursiveComparison().isEqualTo(SAMPLE);
    }

    @Test
    void writesVersion1() throws IOException {
        assertThat(SAMPLE.toBytes()).isEqualTo(golden());
    }

    private static byte[] golden() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        SensorStateTest.class.getResourceAsStream("/state/1/sensor.bin"))) {
            return in.readAllBytes();
        }
    }

    @Test
    void refusesAVersionOfALaterRelease() {
        byte[] later = SAMPLE.toBytes();
        later[0] = 9;
        assertThatThrownBy(() -> SensorState.fromBytes(later))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has version 9, but this release reads version 1");
    }

    @Test
    void refusesBytesThatEndEarly() {
        byte[] cut = Arrays.copyOf(SAMPLE.toBytes(), 40);
        assertThatThrownBy(() -> SensorState.fromBytes(cut))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("ends early, after 40 bytes");
    }
}
