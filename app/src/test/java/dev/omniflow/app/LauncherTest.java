package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher on machines that lack something: nothing is built here. */
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "omniflow").toAbsolutePath().normalize();

    /** What the launcher uses besides Java, Maven and Python. */
    private static final List<String> TOOLS =
            List.of(
                    "bash",
                    "cat",
                    "dirname",
                    "env",
                    "find",
                    "head",
                    "mkdir",
                    "mv",
                    "readlink",
                    "rm",
                    "rmdir",
                    "sed",
                    "sleep",
                    "tail",
                    "uname");

    @TempDir private Path folder;

    @BeforeEach
    void layOutTools() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "needs bash");
        Path bin = Files.createDirectories(folder.resolve("bin"));
        for (String tool : TOOLS) {
            for (Path place : List.of(Path.of("/bin"), Path.of("/usr/bin"))) {
                Path original = place.resolve(tool);
                if (Files.isExecutable(original) && !Files.exists(bin.resolve(tool))) {
                    script(bin.resolve(tool), "exec " + original + " \"$@\"");
                }
            }
        }
    }

    @Test
    void helpNeedsNothing() throws Exception {
        Outcome outcome = launch(Map.of(), "help");
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.text()).contains("demo", "caption", "models", "bench", "test", "130");
    }

    @Test
    void unknownCommandIsBadUsage() throws Exception {
        Outcome outcome = launch(Map.of(), "translate");
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.text())
                .isEqualToIgnoringNewLines(
                        "omniflow: there is no command 'translate'; omniflow help lists them");
    }

    @Test
    void saysThatJavaIsMissing() throws Exception {
        assertMissing(launch(Map.of(), "demo"), "Java is missing", "17 or later", "install");
    }

    @Test
    void saysThatJavaIsTooOld() throws Exception {
        Path jdk = folder.resolve("jdk");
        script(jdk.resolve("bin/java"), "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
        assertMissing(
                launch(Map.of("JAVA_HOME", jdk.toString()), "demo"),
                "Java 11.0.2",
                "17 or later is needed",
                "install");
    }

    @Test
    void saysThatOnlyARuntimeIsThere() throws Exception {
        Path jre = folder.resolve("jre");
        script(jre.resolve("bin/java"), "echo 'openjdk version \"17.0.9\" 2023-10-17' >&2");
        assertMissing(
                launch(Map.of("JAVA_HOME", jre.toString()), "demo"), "javac", "JDK", "install");
    }

    @Test
    void saysThatMavenIsMissing() throws Exception {
        assertMissing(
                launch(Map.of("JAVA_HOME", jdk17().toString()), "demo"),
                "Maven is missing",
                "3.8.1 or later",
                "install");
    }

    @Test
    void saysThatMavenIsTooOld() throws Exception {
        script(folder.resolve("bin/mvn"), "echo 'Apache Maven 3.6.3 (cecedd343002)'");
        assertMissing(
                launch(Map.of("JAVA_HOME", jdk17().toString()), "demo"),
                "Maven 3.6.3 was found",
                "3.8.1 or later is needed");
    }

    @Test
    void saysThatPythonIsMissingOrTooOld() throws Exception {
        assertMissing(launch(Map.of(), "models", "list"), "Python is missing", "3.10 or later");
        script(
                folder.resolve("bin/python3"),
                "if [ \"$1\" = --version ]; then echo 'Python 3.8.1'; else exit 1; fi");
        assertMissing(
                launch(Map.of(), "models", "list"),
                "found Python 3.8.1",
                "3.10 or later is needed");
    }

    private Path jdk17() throws IOException {
        Path jdk = folder.resolve("jdk17");
        script(jdk.resolve("bin/java"), "echo 'openjdk version \"17.0.9\" 2023-10-17' >&2");
        script(jdk.resolve("bin/javac"), "exit 0");
        return jdk;
    }

    private static void assertMissing(Outcome outcome, String... parts) {
        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.text().lines()).hasSize(1);
        assertThat(outcome.text()).startsWith("omniflow: ").contains(parts);
    }

    private static void script(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/bash\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Outcome launch(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        // A copy: a build of the real clone must not be taken for this one's.
        Path copy = folder.resolve("clone/omniflow");
        Files.createDirectories(copy.getParent());
        if (!Files.exists(copy)) {
            Files.copy(LAUNCHER, copy);
        }
        ProcessBuilder builder = new ProcessBuilder();
        builder.command().add("/bin/bash");
        builder.command().add(copy.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().put("PATH", folder.resolve("bin").toString());
        builder.environment().put("HOME", folder.toString());
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), text);
    }

    private record Outcome(int exitCode, String text) {}
}
