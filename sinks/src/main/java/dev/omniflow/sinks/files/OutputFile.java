package dev.omniflow.sinks.files;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * A text file that is whole or not there: written beside its place, and moved there by {@link
 * #commit}. A reader never sees half of it, and what was there before stays until then.
 *
 * <p>What is no regular file ({@code /dev/stdout}, a pipe) is written directly. A symbolic link
 * stays one: what it points to is replaced. UTF-8. Not thread-safe.
 */
public final class OutputFile implements AutoCloseable {
    private final Path shown;
    private final Path target;
    private final Path written;
    private final Writer writer;
    private boolean finished;

    private OutputFile(Path shown, Path target, Path written, OutputStream stream) {
        this.shown = shown;
        this.target = target;
        this.written = written;
        this.writer =
                new ExplainingWriter(
                        shown,
                        new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8)));
    }

    /**
     * Begins a file.
     *
     * @throws OutputFileException if it cannot be made there
     */
    public static OutputFile create(Path file) throws OutputFileException {
        if (Files.isDirectory(file)) {
            throw new OutputFileException(file, "it is a directory", "name a file inside it", null);
        }
        try {
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                return new OutputFile(
                        file,
                        target,
                        target,
                        Files.newOutputStream(target, StandardOpenOption.WRITE));
            }
            Path folder = target.getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new OutputFileException(
                        file, "its directory does not exist", "make " + folder + " first", null);
            }
            Path part = folder.resolve("." + target.getFileName() + "." + unique() + ".part");
            return new OutputFile(
                    file,
                    target,
                    part,
                    Files.newOutputStream(
                            part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (OutputFileException e) {
            throw e;
        } catch (IOException e) {
            throw explain(file, e);
        }
    }

    private static String unique() {
        return ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
    }

    /** Where the text goes. Its errors are {@link OutputFileException}s. Closed by this file. */
    public Writer writer() {
        return writer;
    }

    /**
     * Puts the file in its place. Nothing can be written after this.
     *
     * @throws OutputFileException if it could not be; what was there before still is
     */
    public void commit() throws OutputFileException {
        try {
            writer.close();
            if (!written.equals(target)) {
                try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                move();
            }
            finished = true;
        } catch (OutputFileException e) {
            throw e;
        } catch (IOException e) {
            throw explain(shown, e);
        }
    }

    private void move() throws IOException {
        try {
            Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Lets go of the file. Without {@link #commit} before, nothing is left of it. */
    @Override
    public void close() throws OutputFileException {
        if (finished) {
            return;
        }
        finished = true;
        try {
            try {
                writer.close();
            } finally {
                if (!written.equals(target)) {
                    Files.deleteIfExists(written);
                }
            }
        } catch (OutputFileException e) {
            throw e;
        } catch (IOException e) {
            throw explain(shown, e);
        }
    }

    private static OutputFileException explain(Path file, IOException cause) {
        String reason =
                cause instanceof FileSystemException system && system.getReason() != null
                        ? system.getReason()
                        : String.valueOf(cause.getMessage());
        String lower = reason.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left") || lower.contains("not enough space")) {
            return new OutputFileException(
                    file, "the disk is full", "free some space or name another place", cause);
        }
        if (lower.contains("quota")) {
            return new OutputFileException(
                    file,
                    "your quota of the disk is used up",
                    "free some space or name another place",
                    cause);
        }
        if (cause instanceof AccessDeniedException || lower.contains("permission denied")) {
            return new OutputFileException(
                    file, "you may not write there", "name another place", cause);
        }
        if (lower.contains("read-only")) {
            return new OutputFileException(
                    file, "the disk is read-only", "name another place", cause);
        }
        return new OutputFileException(
                file, reason.lines().findFirst().orElse(""), "name another place", cause);
    }

    /** Explains what goes wrong while writing. */
    private static final class ExplainingWriter extends Writer {
        private final Path file;
        private final Writer out;

        ExplainingWriter(Path file, Writer out) {
            this.file = file;
            this.out = out;
        }

        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            try {
                out.write(text, offset, length);
            } catch (IOException e) {
                throw explain(file, e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw explain(file, e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw explain(file, e);
            }
        }
    }
}
