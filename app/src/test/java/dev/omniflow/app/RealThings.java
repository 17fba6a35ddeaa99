package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What integration tests use and never fake: the models and a recording of speech. */
public final class RealThings {
    /** Words of the demo's recording that nobody should miss. */
    public static final String EXPECTED_WORDS = "it was the worst of times";

    private RealThings() {}

    /** The home that holds the bundles and the demo's recording. */
    public static OmniflowHome home() {
        OmniflowHome home = OmniflowHome.current();
        for (String bundle : List.of("silero-vad", "whisper-base", "whisper-tiny.en")) {
            assertThat(home.bundles().resolve(bundle))
                    .as("made by ./omniflow test, or by ./omniflow models make")
                    .isDirectory();
        }
        return home;
    }

    /** A recording of somebody who speaks English. */
    public static Path speech() throws IOException {
        try (Stream<Path> files = Files.list(home().media())) {
            return files.filter(file -> file.getFileName().toString().startsWith("demo."))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "the demo's recording is not there: ./omniflow test"
                                                    + " fetches it"));
        }
    }
}
