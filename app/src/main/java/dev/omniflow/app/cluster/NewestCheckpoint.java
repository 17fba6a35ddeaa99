package dev.omniflow.app.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the checkpoint from which a job can go on whose JobManager is gone. */
final class NewestCheckpoint {
    /** A checkpoint is {@code JOB/chk-N/_metadata}. */
    private static final int DEPTH = 3;

    private static final Path METADATA = Path.of("_metadata");

    private NewestCheckpoint() {}

    /** The folder of the checkpoint that was completed last; empty if there is none. */
    static Optional<Path> under(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Optional<Path> newest = Optional.empty();
        FileTime newestTime = FileTime.fromMillis(0);
        try (Stream<Path> entries = Files.walk(folder, DEPTH)) {
            for (Path metadata : entries.filter(NewestCheckpoint::isMetadata).toList()) {
                // Written last: a checkpoint without it was not completed.
                FileTime time = Files.getLastModifiedTime(metadata);
                if (time.compareTo(newestTime) > 0) {
                    newestTime = time;
                    newest = Optional.ofNullable(metadata.getParent());
                }
            }
        }
        return newest;
    }

    private static boolean isMetadata(Path file) {
        return METADATA.equals(file.getFileName());
    }
}
