package dev.omniflow.app.rollout;

/** What became of a request. */
public sealed interface RolloutDecision {
    /** New sessions take the bundle as was asked for. */
    record Accepted() implements RolloutDecision {}

    /**
     * Nothing has changed.
     *
     * @param reason why, for people
     */
    record Refused(String reason) implements RolloutDecision {}
}
