package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphResult;

/** Hears how a call ended, once, on a lane's thread. Must not block. */
@FunctionalInterface
public interface CallListener {
    /** The call ended. */
    void ended(GraphResult result, CallTiming timing);
}
