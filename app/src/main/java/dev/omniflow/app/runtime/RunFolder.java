package dev.omniflow.app.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of its own for the data of one runtime, gone when the runtime is. A lock file says that
 * its owner lives: the operating system frees the lock however the process ends, so a folder whose
 * lock can be had is left over from a dead one, and is deleted by the next runtime that starts.
 *
 * <p>Thread-safe.
 */
public final class RunFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
    private static final String LOCK_SUFFIX = ".lock";
    private static final String PREFIX = ProcessHandle.current().pid() + "-";
    private static final int CREATE_ATTEMPTS = 10;

    private final Path folder;
    private final Path lockFile;
    private final FileChannel channel;

    private RunFolder(Path folder, Path lockFile, FileChannel channel) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.channel = channel;
    }

    /** Makes a folder under {@code parent}, after deleting those that dead runtimes left there. */
    public static RunFolder create(Path parent) throws IOException {
        Files.createDirectories(parent);
        sweep(parent);
        for (int attempt = 0; attempt < CREATE_ATTEMPTS; attempt++) {
            // The lock comes before its folder, so that a folder without one is a dead one's.
            Path lockFile = Files.createTempFile(parent, PREFIX, LOCK_SUFFIX);
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
            if (channel.tryLock() != null && Files.exists(lockFile)) {
                return new RunFolder(Files.createDirectory(folderOf(lockFile)), lockFile, channel);
            }
            // Another process took it for a dead one's before it was locked.
            channel.close();
        }
        throw new IOException("other processes keep deleting what is made in " + parent);
    }

    private static Path folderOf(Path lockFile) {
        String name = lockFile.getFileName().toString();
        return lockFile.resolveSibling(name.substring(0, name.length() - LOCK_SUFFIX.length()));
    }

    /** The folder. */
    public Path path() {
        return folder;
    }

    /** Deletes the folder. Calling it again does nothing more. */
    @Override
    public void close() throws IOException {
        deleteTree(folder);
        // The lock goes last: while it is held, nobody else takes the folder for a dead one's.
        Files.deleteIfExists(lockFile);
        channel.close();
    }

    private static void sweep(Path parent) throws IOException {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(parent, "*" + LOCK_SUFFIX)) {
            for (Path lock : locks) {
                sweepLocked(lock);
            }
        }
        try (DirectoryStream<Path> folders =
                Files.newDirectoryStream(parent, entry -> Files.isDirectory(entry))) {
            for (Path folder : folders) {
                if (!Files.exists(folder.resolveSibling(folder.getFileName() + LOCK_SUFFIX))) {
                    sweepUnlocked(folder);
                }
            }
        }
    }

    private static void sweepUnlocked(Path folder) {
        try {
            deleteTree(folder);
        } catch (IOException e) {
            LOG.warn("cannot clear away {}; the next start tries again", folder, e);
        }
    }

    private static void sweepLocked(Path lockFile) {
        if (lockFile.getFileName().toString().startsWith(PREFIX)) {
            // Of this process. To open and close it here would give its lock away.
            return;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return;
            }
            deleteTree(folderOf(lockFile));
            Files.deleteIfExists(lockFile);
            LOG.info("cleared away {}, left by a runtime that is gone", lockFile);
        } catch (NoSuchFileException e) {
            LOG.debug("{} was just deleted by its owner", lockFile);
        } catch (IOException e) {
            LOG.warn("cannot clear away {}; the next start tries again", lockFile, e);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        if (e instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw e;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path dir, IOException e)
                            throws IOException {
                        Files.deleteIfExists(dir);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
