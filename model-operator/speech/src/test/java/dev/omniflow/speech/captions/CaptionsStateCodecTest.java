package dev.omniflow.speech.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import dev.omniflow.speech.state.CaptionsState;
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
    void readsVersion1() throws Exception {
        CaptionsState read = CaptionsStateCodec.decode(golden("1/captions.bin"));
        CaptionsState sample = StateSamples.version1();

        // The session's start lies in the state as it came, in the schema of its own time.
        assertThat(start(read)).isEqualTo(start(sample));
        read.setStart(null);
        sample.setStart(null);
        assertThat(read).isEqualTo(sample);
    }

    private static MediaEvent start(CaptionsState state) throws UnreadableEventException {
        byte[] bytes = new byte[state.getStart().remaining()];
        state.getStart().duplicate().get(bytes);
        return EventCodec.MEDIA.decode(bytes);
    }

    @Test
    void writesVersion1AsItWasReleased() throws IOException {
        byte[] golden = golden("1/captions.bin");

        assertThat(CaptionsStateCodec.encode(CaptionsStateCodec.decode(golden))).isEqualTo(golden);
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
