package dev.omniflow.core.session;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.schedule.CallClass;

/**
 * What a session program may do to the outside.
 *
 * @param <O> outputs
 */
public interface SessionContext<O> {
    /**
     * Asks for a graph call; its result comes through {@link SessionProgram#complete}, never within
     * this method.
     *
     * @param callClass on whose behalf, and how urgent
     */
    void call(GraphCall call, CallClass callClass);

    /** Asks for a graph call of {@link CallClass#DEFAULT}. */
    default void call(GraphCall call) {
        call(call, CallClass.DEFAULT);
    }

    /**
     * Takes a call back: its result will not come. Does nothing if it has come. The call's cache
     * may be closed at once.
     */
    void cancel(GraphCall call);

    /** An empty cache, for the program to close. */
    GraphCache newCache();

    /**
     * Emits an output. It becomes visible together with the state after it, or not at all.
     *
     * @param cause index of the input that made it possible: the output carries that input's time
     */
    void emit(long cause, O output);
}
