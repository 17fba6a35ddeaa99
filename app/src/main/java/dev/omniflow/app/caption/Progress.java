package dev.omniflow.app.caption;

import dev.omniflow.app.Console;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far the captions are, on a terminal, once that takes longer than a second.
 *
 * <p>Thread-safe.
 */
final class Progress implements AutoCloseable {
    private static final long REFRESH_MS = 500;

    private final Console console;
    private final int files;
    private final ScheduledExecutorService timer;
    private final long[] totalUs;
    private final long[] doneUs;
    private int finished;
    private long beganNanos;

    Progress(Console console, int files) {
        this.console = console;
        this.files = files;
        this.totalUs = new long[files];
        this.doneUs = new long[files];
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "omniflow-progress");
                            thread.setDaemon(true);
                            return thread;
                        });
        if (console.isTerminal()) {
            Future<?> unused =
                    timer.scheduleAtFixedRate(this::show, 1000, REFRESH_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** A file is being read. */
    synchronized void started(int file, Duration total) {
        if (beganNanos == 0) {
            beganNanos = System.nanoTime();
        }
        totalUs[file] = Math.max(totalUs[file], total.toNanos() / 1000);
    }

    /** The length of a file is at least this. */
    synchronized void atLeast(int file, Duration total) {
        totalUs[file] = Math.max(totalUs[file], total.toNanos() / 1000);
    }

    /** The captions of a file have come to this media time. */
    synchronized void captioned(int file, long us) {
        doneUs[file] = Math.max(doneUs[file], us);
    }

    /** A file is done, or cannot be. */
    synchronized void finished(int file) {
        finished++;
        doneUs[file] = totalUs[file];
    }

    private void show() {
        console.status(line());
    }

    private synchronized String line() {
        if (beganNanos == 0) {
            return "starting …";
        }
        long total = 0;
        long done = 0;
        for (int file = 0; file < files; file++) {
            total += totalUs[file];
            done += Math.min(doneUs[file], totalUs[file]);
        }
        double elapsedUs = Math.max(1, (System.nanoTime() - beganNanos) / 1000.0);
        return String.format(
                Locale.ROOT,
                "captioning … %d %%, %.1f× real time%s",
                total == 0 ? 0 : 100 * done / total,
                done / elapsedUs,
                files == 1 ? "" : ", " + finished + " of " + files + " files");
    }

    @Override
    public void close() {
        timer.shutdownNow();
        console.eraseStatus();
    }
}
