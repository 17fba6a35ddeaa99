package dev.omniflow.app.caption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command refuses before anything starts. */
class CaptionCommandTest {
    @TempDir private Path root;

    private final CapturedConsole captured = new CapturedConsole();
    private OmniflowHome home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Bundles.home(root.resolve("home"));
    }

    @Test
    void wantsAFile() {
        assertRefused("name at least one audio or video file");
    }

    @Test
    void wantsAKnownFormat() {
        assertRefused("expected vtt, srt, jsonl or txt, but got 'ass'", "--format", "ass", "a.wav");
    }

    @Test
    void wantsAKnownChannelMode() {
        assertRefused("expected auto, mix or separate", "--channels", "left", "a.wav");
    }

    @Test
    void wantsAKnownLanguage() {
        assertRefused("--list-languages", "--language", "tlh", "a.wav");
    }

    @Test
    void wantsAReadableVocabulary() throws IOException {
        assertRefused("no such file", "--vocabulary", "absent.txt", "a.wav");
        Path binary = Files.write(root.resolve("terms"), new byte[] {(byte) 0xc3, 0x28});
        assertRefused("not a text file in UTF-8", "--vocabulary", binary.toString(), "a.wav");
    }

    @Test
    void wantsAFolderForSeveralFiles() {
        assertRefused("name a folder", "-o", root + "/captions.vtt", "a.wav", "b.wav");
        assertRefused("would both go to", "-o", root + "/out/", "x/a.wav", "y/a.mp4");
    }

    @Test
    void wantsTheFolderOfItsOutput() {
        assertRefused("make it first", "-o", root + "/no/such/captions.vtt", "a.wav");
    }

    @Test
    void wantsAParallelismInItsRange() {
        assertRefused("--parallelism is from 1 to 64, not 0", "--parallelism", "0", "a.wav");
    }

    @Test
    void listsLanguages() {
        assertThat(run("--list-languages")).isEqualTo(ExitCode.OK);
        assertThat(captured.out()).isEqualTo("en\nes\nfr\n");
    }

    @Test
    void startsNothingWhenNoFileIsReadable() throws IOException {
        Path text = Files.writeString(root.resolve("text.wav"), "this is no sound");
        Path empty = Files.createFile(root.resolve("empty.mp3"));
        int exitCode = run(text.toString(), empty.toString(), root + "/absent.wav");
        assertThat(exitCode).isEqualTo(ExitCode.USAGE);
        assertThat(captured.errorLines()).hasSize(3);
        assertThat(captured.out()).isEmpty();
        assertThat(home.run()).doesNotExist();
    }

    private void assertRefused(String reason, String... arguments) {
        int before = captured.errorLines().size();
        assertThat(run(arguments)).isEqualTo(ExitCode.USAGE);
        assertThat(captured.errorLines()).hasSize(before + 1);
        assertThat(captured.errorLines().get(before)).startsWith("omniflow: ").contains(reason);
    }

    private int run(String... arguments) {
        return CommandLines.run(captured.console(), home, "caption", arguments);
    }
}
