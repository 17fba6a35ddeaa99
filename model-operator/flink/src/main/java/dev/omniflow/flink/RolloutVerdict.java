package dev.omniflow.flink;

import org.jspecify.annotations.Nullable;

/**
 * What came of a rollout's trial.
 *
 * @param role what the bundle is for
 * @param rollout id of the rollout
 * @param refusal why the bundle cannot be put into service, for people; null if every process can
 */
public record RolloutVerdict(String role, String rollout, @Nullable String refusal) {}
