package dev.omniflow.app.bench.recovery;

import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Topics;
import dev.omniflow.sinks.kafka.OutputsUnavailableException;
import dev.omniflow.sinks.kafka.SessionOutputs;
import dev.omniflow.sinks.kafka.StartPosition;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Reads the live topic as somebody does who shows captions, and remembers what came when.
 *
 * <p>A thread of its own reads. Thread-safe.
 */
final class LiveWatch implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final SessionOutputs outputs;
    private final List<Seen> seen = new ArrayList<>();
    private final Set<String> ended = new HashSet<>();
    private final CompletableFuture<Void> broken = new CompletableFuture<>();
    private final Thread thread;
    private long diverged;
    private long repeated;
    private long unreadable;
    private volatile boolean closing;

    private LiveWatch(SessionOutputs outputs) {
        this.outputs = outputs;
        this.thread = new Thread(this::run, "omniflow-live-watch");
        thread.setDaemon(true);
        thread.start();
    }

    static LiveWatch connect(String brokers) throws OutputsUnavailableException {
        return new LiveWatch(
                SessionOutputs.connect(
                        brokers, Topics.LIVE, StartPosition.EARLIEST, session -> true, Map.of()));
    }

    private void run() {
        try (outputs) {
            while (!closing) {
                List<OutputEvent> fresh = outputs.poll(POLL);
                take(fresh, System.nanoTime());
            }
        } catch (OutputsUnavailableException | RuntimeException e) {
            broken.completeExceptionally(e);
        }
    }

    private synchronized void take(List<OutputEvent> fresh, long nanos) {
        for (OutputEvent output : fresh) {
            seen.add(new Seen(output, nanos));
            if (output.getStream() == Stream.CAPTIONS && output.getPayload() instanceof StreamEnd) {
                ended.add(output.getSession());
            }
        }
        diverged = outputs.diverged();
        repeated = outputs.repeated();
        unreadable = outputs.unreadable();
    }

    /** New outputs, in the order in which they came. */
    synchronized List<Seen> seen() {
        return List.copyOf(seen);
    }

    /** Repeats with other contents. */
    synchronized long diverged() {
        return diverged;
    }

    /** Outputs that came again. */
    synchronized long repeated() {
        return repeated;
    }

    /** Records that were no outputs. */
    synchronized long unreadable() {
        return unreadable;
    }

    /** Those of some sessions whose captions have not ended. */
    synchronized Set<String> unfinished(Collection<String> sessions) {
        Set<String> left = new HashSet<>(sessions);
        left.removeAll(ended);
        return left;
    }

    /** Waits until the captions of all these sessions have ended; false if they take too long. */
    boolean awaitEnd(Collection<String> sessions, Duration limit)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!unfinished(sessions).isEmpty()) {
            requireAlive();
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(POLL.toMillis());
        }
        return true;
    }

    /** Waits for an output that was emitted at or after a time; returns when it came. */
    long awaitEmitted(long sinceUs, Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < deadline) {
            requireAlive();
            for (Seen each : seen()) {
                if (each.output().getEmittedTimeUs() >= sinceUs) {
                    return each.nanos();
                }
            }
            Thread.sleep(POLL.toMillis());
        }
        throw new TimeoutException(
                "nothing new came out of the job within " + limit.toSeconds() + " s");
    }

    private void requireAlive() throws IOException, InterruptedException {
        if (broken.isDone()) {
            try {
                broken.get();
            } catch (ExecutionException e) {
                throw new IOException("the live topic cannot be read any further", e.getCause());
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            // It ends by itself, at the latest when its poll does.
            Thread.currentThread().interrupt();
        }
    }
}
