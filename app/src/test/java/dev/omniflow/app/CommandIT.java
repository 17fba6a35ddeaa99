package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command in a process of its own: exit codes, one line for each error, no traces. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CommandIT {
    private static final Path JAR = Path.of("target", "omniflow-app.jar").toAbsolutePath();

    @TempDir private Path folder;

    private Path home;

    @BeforeEach
    void borrowBundles() throws IOException {
        // A home of its own, so that its run folder can be looked at; the bundles are large.
        home = Files.createDirectory(folder.resolve("home"));
        Files.createSymbolicLink(home.resolve("bundles"), RealThings.home().bundles());
        Files.createSymbolicLink(home.resolve("media"), RealThings.home().media());
    }

    @Test
    void captionsWhatItCanAndNamesWhatItCannot() throws Exception {
        Path empty = Files.createFile(folder.resolve("empty.mp3"));
        Path text = Files.writeString(folder.resolve("text.wav"), "these are words, not sound");
        Path truncated = Files.write(folder.resolve("truncated.mp4"), mp4WithoutItsIndex());
        Path silent = Files.write(folder.resolve("silent.y4m"), videoWithoutSound());
        Path absent = folder.resolve("absent.wav");
        Path good = RealThings.speech();

        Outcome outcome =
                run(
                        "caption",
                        "--model",
                        "whisper-tiny.en",
                        "--format",
                        "txt",
                        empty.toString(),
                        text.toString(),
                        good.toString(),
                        truncated.toString(),
                        silent.toString(),
                        absent.toString());
        assertThat(outcome.exitCode()).as("%s", outcome).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.out()).startsWith("# " + good + "\n");
        assertThat(outcome.out()).containsIgnoringCase(RealThings.EXPECTED_WORDS);
        for (Path bad : List.of(empty, text, truncated, silent, absent)) {
            assertThat(outcome.errors())
                    .filteredOn(line -> line.startsWith("omniflow: " + bad + ": "))
                    .hasSize(1);
        }
        assertThat(outcome.errors()).hasSize(5);
        assertNothingLeft();
    }

    @Test
    void writesAFileForEachInput() throws Exception {
        Path out = folder.resolve("out");
        Outcome outcome =
                run(
                        "caption",
                        "--model",
                        "whisper-tiny.en",
                        "-o",
                        out + "/",
                        RealThings.speech().toString());
        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.exitCode()).as("%s", outcome).isZero();
        assertThat(outcome.out()).isEmpty();
        assertThat(out.resolve("demo.vtt")).content().startsWith("WEBVTT\n\n00:00:");
    }

    @Test
    void namesAnUnknownLanguageAndABrokenBundle() throws Exception {
        Outcome language = run("caption", "--language", "xx", RealThings.speech().toString());
        assertThat(language.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(language.errors()).hasSize(1);
        assertThat(language.errors().get(0)).contains("--language xx", "--list-languages");

        Path broken = Files.createDirectory(folder.resolve("broken"));
        Files.writeString(broken.resolve("bundle.yaml"), "schema: 1\nname: broken\n");
        Outcome bundle =
                run("caption", "--model", broken.toString(), RealThings.speech().toString());
        assertThat(bundle.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(bundle.errors()).hasSize(1);
        assertThat(bundle.errors().get(0)).contains("bundle.yaml", "version");
    }

    @Test
    void demoShowsCaptionsAndSumsUp() throws Exception {
        Outcome outcome = run("demo", "--model", "whisper-tiny.en");
        assertThat(outcome.exitCode()).as("%s", outcome).isZero();
        assertThat(outcome.out()).containsIgnoringCase(RealThings.EXPECTED_WORDS);
        assertThat(outcome.out().lines()).allMatch(line -> line.matches("\\d\\d:\\d\\d\\.\\d .*"));
        assertThat(String.join("\n", outcome.errors()))
                .contains("times as fast", "demo.vtt", "Try next");
        assertThat(home.resolve("demo/demo.vtt")).content().startsWith("WEBVTT\n");
    }

    @Test
    void anInterruptEndsItAndLeavesNothing() throws Exception {
        Process process =
                start(
                        "caption",
                        "--model",
                        "whisper-tiny.en",
                        "--realtime",
                        RealThings.speech().toString());
        // Its broker has begun to write: the runtime is up, and the recording is far from over.
        while (!runs()) {
            assertThat(process.isAlive()).isTrue();
            Thread.sleep(50);
        }
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor()).isEqualTo(130);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .doesNotContain("\tat ");
        assertNothingLeft();
    }

    private boolean runs() throws IOException {
        if (!Files.isDirectory(home.resolve("run"))) {
            return false;
        }
        try (Stream<Path> files = Files.walk(home.resolve("run"))) {
            return files.anyMatch(file -> file.getFileName().toString().equals("omni.media-0"));
        }
    }

    private void assertNothingLeft() throws IOException {
        assertThat(home.resolve("run")).isEmptyDirectory();
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMNIFLOW_HOME", home.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        Path err = folder.resolve("stderr");
        Process process = start(arguments);
        Thread reader =
                new Thread(
                        () -> {
                            try {
                                Files.copy(process.getErrorStream(), err);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        Files.deleteIfExists(err);
        reader.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.waitFor();
        reader.join();
        return new Outcome(exitCode, out, Files.readAllLines(err), logs());
    }

    /** What the runs have logged: said when a test fails. */
    private String logs() throws IOException {
        if (!Files.isDirectory(home.resolve("logs"))) {
            return "";
        }
        StringBuilder logs = new StringBuilder();
        try (Stream<Path> files = Files.list(home.resolve("logs"))) {
            for (Path file : files.toList()) {
                logs.append(Files.readString(file));
            }
        }
        return logs.toString();
    }

    /** What a copy looks like that broke off: the index of an mp4 often comes last. */
    private static byte[] mp4WithoutItsIndex() {
        ByteBuffer file = ByteBuffer.allocate(4096);
        file.putInt(24).put("ftypisom".getBytes(StandardCharsets.US_ASCII)).putInt(512);
        file.put("isommp41".getBytes(StandardCharsets.US_ASCII));
        // The sound, said to be a megabyte; zeros here, of which the copy has few.
        file.putInt(1 << 20).put("mdat".getBytes(StandardCharsets.US_ASCII));
        return file.array();
    }

    /** One second of grey pictures. */
    private static byte[] videoWithoutSound() throws IOException {
        ByteArrayOutputStream video = new ByteArrayOutputStream();
        video.write("YUV4MPEG2 W16 H16 F10:1 C420jpeg\n".getBytes(StandardCharsets.US_ASCII));
        for (int frame = 0; frame < 10; frame++) {
            video.write("FRAME\n".getBytes(StandardCharsets.US_ASCII));
            byte[] picture = new byte[16 * 16 * 3 / 2];
            Arrays.fill(picture, (byte) 128);
            video.write(picture);
        }
        return video.toByteArray();
    }

    private record Outcome(int exitCode, String out, List<String> errors, String logs) {}
}
