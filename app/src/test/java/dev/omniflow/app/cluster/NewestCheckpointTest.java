package dev.omniflow.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewestCheckpointTest {
    @TempDir private Path folder;

    @Test
    void thereIsNoneBeforeTheFirst() throws IOException {
        assertThat(NewestCheckpoint.under(folder.resolve("absent"))).isEmpty();
        Files.createDirectories(folder.resolve("job/chk-1"));
        Files.createDirectories(folder.resolve("job/shared"));
        assertThat(NewestCheckpoint.under(folder)).isEmpty();
    }

    @Test
    void takesTheOneCompletedLastOfAllJobs() throws IOException {
        complete("old/chk-900", 1_000);
        Path newest = complete("new/chk-7", 3_000);
        complete("new/chk-6", 2_000);
        Files.createDirectories(folder.resolve("new/chk-8"));
        assertThat(NewestCheckpoint.under(folder)).contains(newest);
    }

    private Path complete(String name, long time) throws IOException {
        Path checkpoint = Files.createDirectories(folder.resolve(name));
        Path metadata = Files.writeString(checkpoint.resolve("_metadata"), "state");
        Files.setLastModifiedTime(metadata, FileTime.fromMillis(time));
        return checkpoint;
    }
}
