package dev.omniflow.speech.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against vectors that models/reference_vectors.py computed without any of this code. */
class LogMelTest {
    /** The features are computed in double precision; the vectors are written with 6 digits. */
    private static final float TOLERANCE = 2e-5f;

    static Stream<Arguments> vectors() throws IOException {
        try (InputStream json = LogMelTest.class.getResourceAsStream("/fixtures/log_mel.json")) {
            JsonNode root = new ObjectMapper().readTree(json);
            return StreamSupport.stream(root.get("vectors").spliterator(), false)
                    .map(vector -> Arguments.of(vector.get("signal").get("name").asText(), vector));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void equalsTheReference(String name, JsonNode vector) {
        int frames = vector.get("shape").get(1).asInt();
        float[] features = new LogMel().compute(signal(vector.get("signal")), frames);

        assertThat(vector.get("shape").get(0).asInt()).isEqualTo(LogMel.BANDS);
        assertThat(vector.get("frames").properties()).isNotEmpty();
        for (Map.Entry<String, JsonNode> frame : vector.get("frames").properties()) {
            for (int band = 0; band < LogMel.BANDS; band++) {
                assertThat(features[band * frames + Integer.parseInt(frame.getKey())])
                        .as("%s, frame %s, band %s", name, frame.getKey(), band)
                        .isCloseTo(
                                (float) frame.getValue().get(band).asDouble(), within(TOLERANCE));
            }
        }
    }

    @Test
    void silenceHasTheLowestValueEverywhere() {
        float lowest = (float) ((Math.log10(1e-10) + 4) / 4);

        float[] features = new LogMel().compute(new float[1000], 50);

        assertThat(features).hasSize(LogMel.BANDS * 50).containsOnly(lowest);
        assertThat(new LogMel().compute(new float[0], 7)).containsOnly(lowest);
    }

    @Test
    void missingAudioIsSilence() {
        float[] samples = noise(3217);
        float[] padded = Arrays.copyOf(samples, 16_000);

        assertThat(new LogMel().compute(samples, 100))
                .containsExactly(new LogMel().compute(padded, 100));
    }

    @Test
    void forgetsWhatItComputedBefore() {
        LogMel used = new LogMel();
        used.compute(noise(16_000), 101);

        assertThat(used.compute(noise(5000), 33))
                .containsExactly(new LogMel().compute(noise(5000), 33));
    }

    private static float[] noise(int samples) {
        Random random = new Random(samples);
        float[] noise = new float[samples];
        for (int i = 0; i < samples; i++) {
            noise[i] = random.nextFloat() - 0.5f;
        }
        return noise;
    }

    private static float[] signal(JsonNode spec) {
        float[] samples = new float[spec.get("samples").asInt()];
        long state = spec.get("seed").asLong();
        for (int n = 0; n < samples.length; n++) {
            double sum = 0;
            if (n < spec.get("voiced").asInt()) {
                for (JsonNode tone : spec.get("tones")) {
                    double frequency = tone.get(1).asDouble();
                    sum +=
                            tone.get(0).asDouble()
                                    * Math.sin(2 * Math.PI * frequency * n / LogMel.SAMPLE_RATE);
                }
            }
            state = (1_103_515_245L * state + 12_345) & 0xFFFF_FFFFL;
            samples[n] = (float) (sum + spec.get("noise").asDouble() * (state / 0x1p31 - 1));
        }
        return samples;
    }
}
