package dev.omniflow.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.ExitCode;
import dev.omniflow.app.RealThings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code omniflow cluster} as its user has it: a process that is interrupted, or killed. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ClusterCommandIT {
    private static final Path JAR = Path.of("target", "omniflow-app.jar").toAbsolutePath();

    @TempDir private Path home;

    @BeforeEach
    void layOutModels() throws IOException {
        Files.createSymbolicLink(home.resolve("bundles"), RealThings.home().bundles());
    }

    @Test
    void anInterruptEndsEveryProcessAndDeletesTheirData() throws Exception {
        Process command = start();
        List<ProcessHandle> cluster = awaitJob(command);
        assertThat(cluster).hasSize(3);
        new ProcessBuilder("kill", "-INT", Long.toString(command.pid())).start().waitFor();
        assertThat(command.waitFor()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(cluster).noneMatch(ProcessHandle::isAlive);
        assertThat(home.resolve("run")).isEmptyDirectory();
    }

    @Test
    void killedTheHardWayItLeavesNoProcess() throws Exception {
        Process command = start();
        List<ProcessHandle> cluster = awaitJob(command);
        command.destroyForcibly().waitFor();
        for (ProcessHandle process : cluster) {
            process.onExit().get();
        }
    }

    /** Reads what the command says until the job runs; returns the processes that it started. */
    private static List<ProcessHandle> awaitJob(Process command) throws IOException {
        List<String> said = new ArrayList<>();
        BufferedReader errors = command.errorReader();
        String line;
        while ((line = errors.readLine()) != null) {
            said.add(line);
            if (line.startsWith("Ctrl-C")) {
                assertThat(said).anyMatch(one -> one.contains("omniflow caption --brokers"));
                return command.children().toList();
            }
        }
        throw new AssertionError("the command ended: " + said);
    }

    private Process start() throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-jar",
                        JAR.toString(),
                        "cluster",
                        "--task-managers",
                        "1",
                        "--model",
                        "whisper-tiny.en");
        builder.environment().put("OMNIFLOW_HOME", home.toString());
        return builder.start();
    }
}
