package dev.omniflow.testkit;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import java.util.Optional;

/**
 * What {@link GraphRuntimeContract} has to know of a bundle: how a session of it goes. Calls are
 * functions of what is handed in, so a session can be gone through again, alone or in company.
 */
public interface ContractModel {
    /** The bundle. */
    Bundle bundle();

    /** How many calls a session has. */
    int steps();

    /**
     * A call of a session.
     *
     * @param cache the session's cache, which it need not use
     * @param session the session's number; two sessions differ in their inputs
     * @param step number of the call, from 0
     * @param previous the result of the call before; empty for the first one
     */
    GraphCall call(
            GraphCache cache, long session, int step, Optional<GraphResult.Success> previous);

    /** Length of a session's cache once so many of its calls have returned. */
    int lengthAfter(long session, int calls);
}
