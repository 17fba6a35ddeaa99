package dev.omniflow.app.caption;

import dev.omniflow.ingest.IngestListener;
import dev.omniflow.schemas.OutputEvent;

/**
 * Is told how a session comes along: of the ingest on the thread that ingests, of outputs on the
 * thread that reads them. An exception ends the session.
 */
public interface SessionListener extends IngestListener {
    /** Listens to nothing. */
    SessionListener NONE = new SessionListener() {};

    /** A caption that never changes, from the record: in order, once. */
    default void caption(OutputEvent event) {}

    /**
     * Any output as soon as it is there; more than once after a failure. Only where the service
     * follows the live topic; says nothing of what the record will hold.
     */
    default void live(OutputEvent event) {}
}
