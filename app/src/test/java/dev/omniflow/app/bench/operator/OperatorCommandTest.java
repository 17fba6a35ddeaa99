package dev.omniflow.app.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorCommandTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "--seconds, 0, --seconds is above 0 and at most 600",
        "--seconds, NaN, --seconds is above 0 and at most 600",
        "--repeats, 0, --repeats is from 1 to 100",
        "--tokens, 441, --tokens is from 1 to 440",
        "--sound, 0, --sound is from 1 to 600",
        "--threads, -1, --threads is from 0 to 1024",
        "--decoding-sessions, 0, --decoding-sessions is from 1 to 1024",
        "--voice-sessions, 1025, --voice-sessions is from 1 to 1024",
        "--model, nowhere, nor a folder with a bundle.yaml",
    })
    void saysWhatItDoesNotTake(String option, String value, String message) {
        CapturedConsole console = new CapturedConsole();
        OmniflowHome home = new OmniflowHome(folder);
        int code =
                CommandLines.run(
                        console.console(), home, "bench", "operator", "--json", option, value);
        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(console.out()).isEmpty();
        assertThat(console.errorLines()).hasSize(1);
        assertThat(console.errorLines().get(0)).contains(message);
    }
}
