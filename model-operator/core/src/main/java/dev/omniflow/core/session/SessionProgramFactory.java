package dev.omniflow.core.session;

import java.util.List;
import java.util.Optional;

/**
 * Makes the programs of sessions. Thread-safe.
 *
 * @param <I> inputs
 * @param <O> outputs
 */
public interface SessionProgramFactory<I, O> {
    /**
     * A program at the beginning of a session, or one that goes on from a state.
     *
     * @param context what the program may do to the outside
     * @param snapshot the state that {@link SessionProgram#snapshot} gave; empty for a new session
     * @param retained the inputs from {@link SessionProgram#retainFrom} on that were accepted
     *     before the snapshot
     */
    SessionProgram<I> create(
            SessionContext<O> context, Optional<byte[]> snapshot, List<IndexedInput<I>> retained);
}
