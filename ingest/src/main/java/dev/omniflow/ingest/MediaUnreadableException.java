package dev.omniflow.ingest;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that gives no audio at all. The message is one line for the person who named the file: the
 * file, what is wrong with it, what to do.
 */
public final class MediaUnreadableException extends IOException {
    private final transient Path file;

    /**
     * @param file the file, as the caller named it
     * @param problem what is wrong with it
     * @param remedy what to do
     */
    public MediaUnreadableException(Path file, String problem, String remedy) {
        super(file + ": " + problem + "; " + remedy);
        this.file = file;
    }

    /** The file, as the caller named it. */
    public Path file() {
        return file;
    }
}
