package dev.omniflow.app.bench.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointsCommandTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "--sessions, 0, --sessions is from 1 to 4096",
        "--caption-sessions, 1025, --caption-sessions is from 1 to 1024",
        "--pairs, 0, --pairs is from 1 to 100",
        "--window, 301, --window is from 1 to 300",
        "--interval, 9, --interval is from 10 to 60000",
        "--interval, 16000, no checkpoint would come in it",
        "--parallelism, 0, --parallelism is from 1 to 128",
        "--model, nowhere, nor a folder with a bundle.yaml",
    })
    void saysWhatItDoesNotTake(String option, String value, String message) {
        CapturedConsole console = new CapturedConsole();
        OmniflowHome home = new OmniflowHome(folder);
        int code =
                CommandLines.run(
                        console.console(), home, "bench", "checkpoints", "--json", option, value);
        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(console.out()).isEmpty();
        assertThat(console.errorLines()).hasSize(1);
        assertThat(console.errorLines().get(0)).contains(message);
    }
}
