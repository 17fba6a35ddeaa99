package dev.omniflow.sinks.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
    @TempDir Path folder;

    @Test
    void appearsWhole() throws IOException {
        Path file = Files.writeString(folder.resolve("a.vtt"), "before");
        try (OutputFile output = OutputFile.create(file)) {
            output.writer().write("Grüße");
            output.writer().flush();
            assertThat(file).hasContent("before");
            output.commit();
        }
        assertThat(file).hasContent("Grüße");
        assertThat(folder)
                .isDirectoryContaining(file::equals)
                .isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void leavesNothingWithoutCommit() throws IOException {
        try (OutputFile output = OutputFile.create(folder.resolve("a.vtt"))) {
            output.writer().write("half");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void replacesWhatALinkPointsTo() throws IOException {
        Path real = Files.writeString(folder.resolve("real.vtt"), "before");
        Path link = Files.createSymbolicLink(folder.resolve("link.vtt"), real);
        try (OutputFile output = OutputFile.create(link)) {
            output.writer().write("after");
            output.commit();
        }
        assertThat(real).hasContent("after");
        assertThat(link).isSymbolicLink();
    }

    @Test
    void writesIntoADeviceDirectly() throws IOException {
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        try (OutputFile output = OutputFile.create(device)) {
            output.writer().write("gone");
            output.commit();
        }
        assertThat(Files.isRegularFile(device)).isFalse();
    }

    @Test
    void aFullDiskIsSaidInOneLine() throws IOException {
        Path device = Path.of("/dev/full");
        assumeTrue(Files.exists(device));
        try (OutputFile output = OutputFile.create(device)) {
            output.writer().write("too much");

            assertThatThrownBy(() -> output.writer().flush())
                    .isInstanceOf(OutputFileException.class)
                    .hasMessage(
                            "cannot write /dev/full: the disk is full; free some space or name"
                                    + " another place");
        } catch (OutputFileException e) {
            // Closing tries again to write what is buffered.
            assertThat(e).hasMessageContaining("the disk is full");
        }
    }

    @Test
    void saysWhyItCannotBeThere() {
        Path absent = folder.resolve("no/such/a.vtt");

        assertThatThrownBy(() -> OutputFile.create(folder))
                .isInstanceOf(OutputFileException.class)
                .hasMessage(
                        "cannot write " + folder + ": it is a directory; name a file inside it");
        assertThatThrownBy(() -> OutputFile.create(absent))
                .isInstanceOf(OutputFileException.class)
                .hasMessage(
                        "cannot write "
                                + absent
                                + ": its directory does not exist; make "
                                + absent.getParent()
                                + " first");
    }
}
