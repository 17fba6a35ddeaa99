package dev.omniflow.app.bench.checkpoints;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.bench.live.LiveJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Lets a checkpoint begin in every interval, but none while another is under way, and no more than
 * so many: where the machine falls behind, the same work has to meet as many checkpoints.
 */
final class Checkpointer {
    private final LiveJob job;
    private final int most;
    private final List<Long> ids = new ArrayList<>();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, LiveJob.PUBLISHER + "-checkpoints");
                        thread.setDaemon(true);
                        return thread;
                    });
    private final ScheduledFuture<?> rounds;

    private Checkpointer(LiveJob job, Duration interval, int most) {
        this.job = job;
        this.most = most;
        // From the middle of an interval on, so that a window has as many as it has intervals.
        rounds =
                timer.scheduleAtFixedRate(
                        this::checkpoint,
                        interval.toNanos() / 2,
                        interval.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    static Checkpointer start(LiveJob job, Duration interval, int most) {
        return new Checkpointer(job, interval, most);
    }

    private void checkpoint() {
        if (ids.size() < most) {
            // A failure ends the rounds, and stop() throws it.
            ids.add(job.checkpoint().join());
        }
    }

    /** Lets no more begin, waits for the last, and gives the numbers of all. */
    List<Long> stop() throws CommandException, InterruptedException {
        timer.shutdown();
        if (!timer.awaitTermination(1, TimeUnit.MINUTES)) {
            throw CommandException.failure(
                    "a checkpoint did not end within a minute",
                    new IllegalStateException("the job does not come to its barriers"));
        }
        if (!rounds.isCancelled()) {
            try {
                rounds.get();
            } catch (ExecutionException e) {
                throw CommandException.failure("a checkpoint failed", e.getCause());
            }
        }
        return List.copyOf(ids);
    }
}
