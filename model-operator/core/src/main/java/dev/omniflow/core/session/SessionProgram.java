package dev.omniflow.core.session;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;

/**
 * What a model does for one session, as a state machine without I/O: it takes the session's inputs
 * in order, asks for graph calls, gets their results, and emits outputs.
 *
 * <p>Its state is what it has committed plus the inputs that it still {@linkplain #retainFrom
 * retains}. Calls in flight are no part of it: a program that is made again from {@link #snapshot}
 * and the retained inputs asks for them anew, and from then on emits what it would have emitted
 * without the interruption. For that, every decision is a function of the session's inputs and of
 * call results, never of a clock, of chance, or of the order in which calls of different sessions
 * end. Calls in flight at a time have results whose order does not matter to what is emitted.
 *
 * <p>Confined to one thread at a time; {@link SessionContext} may be used only from within its
 * methods.
 *
 * @param <I> inputs
 */
public interface SessionProgram<I> extends AutoCloseable {
    /**
     * Asks again for the calls that were in flight when the state was taken. Called once, before
     * anything else.
     */
    void resume();

    /** Whether it takes another input now. Changes only within the other methods. */
    boolean ready();

    /**
     * Takes the next input.
     *
     * @param index number of the input within the session, from 0, without holes
     */
    void accept(long index, I input);

    /**
     * Takes the result of a call that it asked for: a success, or the failure of this call alone.
     */
    void complete(GraphCall call, GraphResult result);

    /** Inputs before this index are folded into the state and may be forgotten. Never falls. */
    long retainFrom();

    /**
     * Inputs before this index have had all their effects; at most {@link #retainFrom}'s successor
     * of what was accepted. Outputs that an input causes are emitted with its index, so time may
     * pass this far and no further. Never falls.
     */
    long settledBefore();

    /**
     * Whether the session is over: the program emits nothing more, and its state may be forgotten.
     */
    boolean ended();

    /** The committed state, versioned, as bytes that {@link SessionProgramFactory#create} reads. */
    byte[] snapshot();

    /** Frees what it holds outside the heap. */
    @Override
    void close();
}
