package dev.omniflow.app.bench.operator;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Where the measurement and a job in the same process hand things to each other. A job graph is
 * serialised, so the job knows its desk by name. Thread-safe.
 *
 * @param <I> what goes into the job
 * @param <O> what comes out of it
 */
final class Desk<I, O> implements AutoCloseable {
    private static final Map<String, Desk<?, ?>> OPEN = new ConcurrentHashMap<>();

    private final String name;
    private final Feed<I> inputs = new Feed<>();
    private final BlockingQueue<O> outputs = new LinkedBlockingQueue<>();
    private final RunCounter runs = new RunCounter();

    private Desk(String name) {
        this.name = name;
    }

    static <I, O> Desk<I, O> open(String name) {
        Desk<I, O> desk = new Desk<>(name);
        if (OPEN.putIfAbsent(name, desk) != null) {
            throw new IllegalStateException("there is a desk " + name + " already");
        }
        return desk;
    }

    /** The open desk of that name; whoever asks knows what passes over it. */
    @SuppressWarnings("unchecked") // names are given once, with one kind of things each
    static <I, O> Desk<I, O> named(String name) {
        Desk<?, ?> desk = OPEN.get(name);
        if (desk == null) {
            throw new IllegalStateException("there is no desk " + name + " in this process");
        }
        return (Desk<I, O>) desk;
    }

    String name() {
        return name;
    }

    Feed<I> inputs() {
        return inputs;
    }

    BlockingQueue<O> outputs() {
        return outputs;
    }

    RunCounter runs() {
        return runs;
    }

    @Override
    public void close() {
        inputs.end();
        OPEN.remove(name, this);
    }
}
