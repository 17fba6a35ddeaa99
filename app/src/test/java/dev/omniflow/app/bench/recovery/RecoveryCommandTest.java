package dev.omniflow.app.bench.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecoveryCommandTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "recovery, --kills=0, --kills is from 1 to 10000",
        "recovery, --sessions=0, --sessions is from 1 to 256",
        "recovery, --speed=0, --speed is from 0.1 to 100",
        "recovery, --parallelism=7, --parallelism is from 1 to 6",
        "rescale, --parallelisms=1, the number of --parallelisms is from 2 to 100",
        "rescale, '--parallelisms=1,0', --parallelisms is from 1 to 64",
    })
    void saysWhatIsWrong(String command, String option, String complaint) {
        CapturedConsole console = new CapturedConsole();
        int code =
                CommandLines.run(
                        console.console(), new OmniflowHome(folder), "bench", command, option);
        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(List.of(String.join("\n", console.errorLines())))
                .allMatch(line -> line.contains(complaint));
    }
}
