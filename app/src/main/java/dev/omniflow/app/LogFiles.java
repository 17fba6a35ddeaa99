package dev.omniflow.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The log files of the last runs. */
final class LogFiles {
    /** Older ones are deleted when a run starts. */
    static final int KEPT = 20;

    private LogFiles() {}

    /** The file of this run; its folder is there, and older files have been thinned out. */
    static Path ofThisRun(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Path> files = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            entries.filter(Files::isRegularFile).forEach(files::add);
        }
        if (files.size() >= KEPT) {
            files.sort(Comparator.comparing(LogFiles::modified));
            for (Path file : files.subList(0, files.size() - KEPT + 1)) {
                Files.deleteIfExists(file);
            }
        }
        return folder.resolve("omniflow-" + ProcessHandle.current().pid() + ".log");
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            // Deleted by another run meanwhile: as old as can be.
            return FileTime.fromMillis(0);
        }
    }
}
