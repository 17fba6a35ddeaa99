package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
    @TempDir private Path folder;

    @Test
    void deletesTheOldestFilesAndMakesRoomForOne() throws IOException {
        for (int age = 0; age < LogFiles.KEPT + 5; age++) {
            Path file = Files.createFile(folder.resolve("omniflow-" + age + ".log"));
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000L - age));
        }
        Path own = LogFiles.ofThisRun(folder);
        assertThat(own.getParent()).isEqualTo(folder);
        assertThat(own).doesNotExist();
        assertThat(folder.toFile().list()).hasSize(LogFiles.KEPT - 1).contains("omniflow-0.log");
        assertThat(folder.resolve("omniflow-" + (LogFiles.KEPT + 4) + ".log")).doesNotExist();
    }

    @Test
    void makesTheFolder() throws IOException {
        assertThat(LogFiles.ofThisRun(folder.resolve("a/b")).getParent()).isDirectory();
    }
}
