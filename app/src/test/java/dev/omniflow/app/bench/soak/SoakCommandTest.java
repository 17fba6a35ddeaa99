package dev.omniflow.app.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoakCommandTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "--sessions, 0, --sessions is from 1 to 1000000",
        "--minutes, 0, --minutes is above 0 and at most 10000",
        "--minutes, NaN, --minutes is above 0 and at most 10000",
        "--life, 0, --life is from 1 to 3600",
        "--unload-after, 0, --unload-after is from 1 to 3600000",
        "--forget-after, 999, --forget-after is from 1000 to 3600000",
        "--parallelism, 129, --parallelism is from 1 to 128",
        "--model, nowhere, nor a folder with a bundle.yaml",
    })
    void saysWhatItDoesNotTake(String option, String value, String message) {
        CapturedConsole console = new CapturedConsole();
        OmniflowHome home = new OmniflowHome(folder);
        int code =
                CommandLines.run(console.console(), home, "bench", "soak", "--json", option, value);
        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(console.out()).isEmpty();
        assertThat(console.errorLines()).hasSize(1);
        assertThat(console.errorLines().get(0)).contains(message);
    }
}
