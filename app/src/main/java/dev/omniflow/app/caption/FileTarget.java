package dev.omniflow.app.caption;

import dev.omniflow.sinks.files.OutputFile;
import java.io.IOException;
import java.nio.file.Path;

/** A file that appears whole or not at all. */
final class FileTarget implements CaptionTarget {
    private final OutputFile file;

    FileTarget(Path path) throws IOException {
        file = OutputFile.create(path);
    }

    @Override
    public Appendable out() {
        return file.writer();
    }

    @Override
    public void complete() throws IOException {
        file.commit();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
