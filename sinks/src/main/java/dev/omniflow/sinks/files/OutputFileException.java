package dev.omniflow.sinks.files;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file could not be written. The message is one line: which file, what is wrong, what to do. */
public final class OutputFileException extends IOException {
    /**
     * @param file the file, as the caller named it
     * @param problem what is wrong
     * @param remedy what to do
     * @param cause what the system said, if it did
     */
    public OutputFileException(
            Path file, String problem, String remedy, @Nullable Throwable cause) {
        super("cannot write " + file + ": " + problem + "; " + remedy, cause);
    }
}
