package dev.omniflow.app.bench.operator;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What {@link FeedSource} reads: records from within the process. Offered to by any thread, read by
 * one.
 *
 * @param <T> records
 */
final class Feed<T> {
    private static final CompletableFuture<Void> NOW = CompletableFuture.completedFuture(null);

    private final Queue<T> records = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable CompletableFuture<Void>> reader =
            new AtomicReference<>();
    private volatile boolean ended;

    void offer(T element) {
        records.add(element);
        wake();
    }

    /** Nothing more will be offered. */
    void end() {
        ended = true;
        wake();
    }

    private void wake() {
        CompletableFuture<Void> waiting = reader.getAndSet(null);
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    @Nullable T poll() {
        return records.poll();
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    boolean hasEnded() {
        return ended && records.isEmpty();
    }

    /** Completes when {@link #poll} may have something, or the end has come. */
    CompletableFuture<Void> available() {
        if (!records.isEmpty() || ended) {
            return NOW;
        }
        // Asked again before anything came, it gives the same: Flink waits for any of them.
        CompletableFuture<Void> waiting =
                reader.updateAndGet(now -> now == null ? new CompletableFuture<>() : now);
        // Something may have come between the look and the wait.
        if (!records.isEmpty() || ended) {
            wake();
        }
        return waiting;
    }
}
