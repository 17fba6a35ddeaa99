package dev.omniflow.app.caption;

import dev.omniflow.app.runtime.AtExit;
import dev.omniflow.sinks.files.OutputFile;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file that appears whole or not at all. */
final class FileTarget implements CaptionTarget {
    private static final Logger LOG = LoggerFactory.getLogger(FileTarget.class);

    private final OutputFile file;
    private final Runnable abandon = this::abandon;

    FileTarget(Path path) throws IOException {
        file = OutputFile.create(path);
        AtExit.add(abandon);
    }

    private void abandon() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("an unfinished file may be left", e);
        }
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
        AtExit.remove(abandon);
        file.close();
    }
}
