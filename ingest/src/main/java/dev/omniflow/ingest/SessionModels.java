package dev.omniflow.ingest;

import java.util.Map;

/**
 * Chooses the model bundles of sessions whose opener does not name them. Asked once a session, when
 * its start is published: what it says is written into the session's log. Thread-safe.
 */
@FunctionalInterface
public interface SessionModels {
    /** Sessions have the models that their opener names, and no others. */
    SessionModels AS_NAMED = (named, tenant, session) -> named;

    /**
     * The models of a new session.
     *
     * @param named those that its opener names, by role, as {@code name@version}; they stay
     * @param tenant whose session it is
     * @param session its id
     */
    Map<String, String> choose(Map<String, String> named, String tenant, String session);
}
