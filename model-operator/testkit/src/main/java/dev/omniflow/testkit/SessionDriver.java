package dev.omniflow.testkit;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.schedule.CallClass;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.core.session.SessionProgramFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Drives one session program without Flink and without threads, in the order that a random number
 * generator chooses: calls in flight end in any order, inputs come early or late. What the program
 * emits must not depend on it.
 *
 * <p>It keeps what an operator would keep, so {@link #crash} can throw the program away and make it
 * again.
 *
 * @param <I> inputs
 * @param <O> outputs
 */
public final class SessionDriver<I, O> implements AutoCloseable {
    private final SessionProgramFactory<I, O> factory;
    private final GraphRuntime runtime;
    private final Random random;
    private final List<IndexedInput<I>> retained = new ArrayList<>();
    private final List<O> outputs = new ArrayList<>();
    private final List<GraphCall> inFlight = new ArrayList<>();
    private SessionProgram<I> program;
    private long next;

    public SessionDriver(SessionProgramFactory<I, O> factory, GraphRuntime runtime, Random random) {
        this.factory = factory;
        this.runtime = runtime;
        this.random = random;
        program = factory.create(new Context(), Optional.empty(), List.of());
        program.resume();
    }

    private final class Context implements SessionContext<O> {
        @Override
        public void call(GraphCall call, CallClass callClass) {
            inFlight.add(call);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // a call is the one that was handed in
        public void cancel(GraphCall call) {
            inFlight.removeIf(pending -> pending == call);
        }

        @Override
        public GraphCache newCache() {
            return runtime.newCache();
        }

        @Override
        public void emit(long cause, O output) {
            outputs.add(output);
        }
    }

    /** Hands in an input, as soon as the program takes it. */
    public void send(I input) throws GraphException {
        while (!program.ready()) {
            if (program.ended()) {
                return;
            }
            runOneCall();
        }
        retained.add(new IndexedInput<>(next, input));
        program.accept(next++, input);
        forgetFolded();
        while (!inFlight.isEmpty() && random.nextInt(3) == 0) {
            runOneCall();
        }
    }

    /** Runs calls until none is in flight. */
    public void settle() throws GraphException {
        while (!inFlight.isEmpty()) {
            runOneCall();
        }
    }

    /**
     * Takes the state, throws the program and its calls away, and goes on with a new program from
     * that state.
     */
    public void crash() {
        byte[] snapshot = program.snapshot();
        inFlight.clear();
        program.close();
        program = factory.create(new Context(), Optional.of(snapshot), List.copyOf(retained));
        program.resume();
    }

    /** Whether the session is over. */
    public boolean ended() {
        return program.ended();
    }

    /** Inputs that the program still retains. */
    public int retained() {
        return retained.size();
    }

    /** Bytes of the state as it is now. */
    public int stateBytes() {
        return program.snapshot().length;
    }

    /** What was emitted so far. */
    public List<O> outputs() {
        return List.copyOf(outputs);
    }

    private void runOneCall() throws GraphException {
        if (inFlight.isEmpty()) {
            throw new IllegalStateException(
                    "the program takes no input, but no call is in flight either");
        }
        GraphCall call = inFlight.remove(random.nextInt(inFlight.size()));
        GraphResult result = runtime.run(0, List.of(call)).get(0);
        program.complete(call, result);
        forgetFolded();
    }

    private void forgetFolded() {
        long from = program.retainFrom();
        retained.removeIf(input -> input.index() < from);
    }

    @Override
    public void close() {
        program.close();
    }
}
