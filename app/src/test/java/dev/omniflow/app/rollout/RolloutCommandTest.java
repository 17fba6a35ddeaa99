package dev.omniflow.app.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutCommandTest {
    @TempDir private Path folder;

    private void assertUsage(String message, String... arguments) {
        CapturedConsole console = new CapturedConsole();
        List<String> all = new ArrayList<>(List.of("--bootstrap-servers", "localhost:1"));
        all.addAll(Arrays.asList(arguments));

        int code =
                CommandLines.run(
                        console.console(),
                        new OmniflowHome(folder),
                        "rollout",
                        all.toArray(String[]::new));

        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(console.out()).isEmpty();
        assertThat(console.errorLines())
                .hasSize(1)
                .allSatisfy(line -> assertThat(line).contains(message));
    }

    @Test
    void saysWhatIsWrongWithTheCommandLine() {
        assertUsage("name a bundle with --bundle NAME@VERSION, or use --list");
        assertUsage("a bundle is written name@version, not 'whisper'", "--bundle", "whisper");
        assertUsage(
                "--share is from 0 to 100 percent in steps of 0.1, not 101",
                "--bundle",
                "m@1",
                "--share",
                "101");
        assertUsage("in steps of 0.1, not 0.25", "--bundle", "m@1", "--share", "0.25");
        assertUsage("in steps of 0.1, not -1", "--bundle", "m@1", "--share", "-1");
        assertUsage("--share", "--bundle", "m@1", "--share", "half");
        assertUsage("--timeout is 1 s or more, not 0", "--bundle", "m@1", "--timeout", "0");
    }

    @Test
    void needsABroker() {
        CapturedConsole console = new CapturedConsole();

        int code =
                CommandLines.run(console.console(), new OmniflowHome(folder), "rollout", "--list");

        assertThat(code).isEqualTo(ExitCode.USAGE);
        assertThat(console.errorLines()).singleElement().asString().contains("--bootstrap-servers");
    }
}
