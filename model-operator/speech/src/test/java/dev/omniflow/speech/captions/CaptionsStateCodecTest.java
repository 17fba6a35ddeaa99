package dev.omniflow.speech.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CaptionsStateCodecTest {
    private static byte[] golden(String file) throws IOException {
        try (InputStream in = CaptionsStateCodecTest.class.getResourceAsStream("/state/" + file)) {
            assertThat(in).as("golden file %s", file).isNotNull();
            return in.readAllBytes();
        }
    }

    /** If this fails, the schema of the state changed: add the old one to the codec, and a file. */
    @Test
    void readsVersion1() throws IOException {
        assertThat(CaptionsStateCodec.decode(golden("1/captions.bin")))
                .isEqualTo(StateSamples.version1());
    }

    @Test
    void writesVersion1AsItWasReleased() throws IOException {
        assertThat(CaptionsStateCodec.encode(StateSamples.version1()))
                .isEqualTo(golden("1/captions.bin"));
    }

    @Test
    void refusesAnUnknownSchema() throws IOException {
        byte[] foreign = golden("1/captions.bin");
        foreign[5] ^= 1;

        assertThatThrownBy(() -> CaptionsStateCodec.decode(foreign))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a schema that this release does not know")
                .hasMessageContaining("restore it with the release that wrote it");
    }

    @Test
    void refusesWhatIsNoStateAtAll() throws IOException {
        byte[] state = golden("1/captions.bin");

        assertThatThrownBy(() -> CaptionsStateCodec.decode(new byte[] {1, 2, 3, 4, 5}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot decode the state of a captions session");
        assertThatThrownBy(() -> CaptionsStateCodec.decode(Arrays.copyOf(state, 100)))
                .isInstanceOf(IllegalStateException.class);
    }
}
