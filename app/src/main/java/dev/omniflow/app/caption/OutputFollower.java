package dev.omniflow.app.caption;

import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.sinks.kafka.OutputsUnavailableException;
import dev.omniflow.sinks.kafka.SessionOutputs;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Reads a topic of outputs on a thread of its own and hands each to whoever follows its session.
 *
 * <p>Thread-safe. Owns the reader.
 */
final class OutputFollower implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Connector connector;
    private final Thread thread;
    private final Map<String, Consumer<OutputEvent>> followers = new ConcurrentHashMap<>();
    private final Queue<String> forgotten = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> broken = new CompletableFuture<>();
    private volatile boolean closed;

    /** Begins to connect and then to read, and returns at once. */
    OutputFollower(String name, Connector connector) {
        this.connector = connector;
        this.thread = new Thread(this::read, "omniflow-follow-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Completes exceptionally if the topic cannot be read any more. */
    CompletableFuture<Void> broken() {
        return broken;
    }

    /** From now on hands over outputs of a session. The follower must not throw. */
    void follow(String session, Consumer<OutputEvent> follower) {
        followers.put(session, follower);
    }

    void forget(String session) {
        followers.remove(session);
        forgotten.add(session);
    }

    private void read() {
        try (SessionOutputs outputs = connector.connect()) {
            while (!closed) {
                String ended;
                while ((ended = forgotten.poll()) != null) {
                    outputs.forget(ended);
                }
                for (OutputEvent event : outputs.poll(POLL)) {
                    Consumer<OutputEvent> follower = followers.get(event.getSession());
                    if (follower != null) {
                        follower.accept(event);
                    }
                }
            }
        } catch (Exception | Error e) {
            // Whoever waits for an output must hear that none will come.
            broken.completeExceptionally(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            // It ends by itself after its next poll.
            Thread.currentThread().interrupt();
        }
    }

    /** Connects to the topic, on the follower's thread. */
    interface Connector {
        SessionOutputs connect() throws OutputsUnavailableException;
    }
}
