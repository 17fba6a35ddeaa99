package dev.omniflow.app.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir private Path parent;

    @Test
    void isGoneOnceClosed() throws IOException {
        RunFolder folder = RunFolder.create(parent);
        Files.createDirectories(folder.path().resolve("a/b"));
        Files.writeString(folder.path().resolve("a/b/file"), "data");
        folder.close();
        folder.close();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void deletesWhatDeadOnesLeft() throws IOException {
        Path left = Files.createDirectories(parent.resolve("1-left"));
        Files.writeString(left.resolve("file"), "data");
        Files.createFile(parent.resolve("1-left.lock"));
        Path withoutLock = Files.createDirectories(parent.resolve("2-left/a"));
        try (RunFolder folder = RunFolder.create(parent)) {
            assertThat(left).doesNotExist();
            assertThat(parent.resolve("1-left.lock")).doesNotExist();
            assertThat(withoutLock.getParent()).doesNotExist();
            assertThat(folder.path()).isDirectory();
        }
    }

    @Test
    void leavesTheLivingAlone() throws IOException {
        try (RunFolder first = RunFolder.create(parent);
                RunFolder second = RunFolder.create(parent)) {
            assertThat(first.path()).isDirectory();
            assertThat(second.path()).isDirectory().isNotEqualTo(first.path());
        }
    }
}
