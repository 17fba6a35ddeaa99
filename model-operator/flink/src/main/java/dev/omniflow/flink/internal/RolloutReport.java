package dev.omniflow.flink.internal;

import org.jspecify.annotations.Nullable;

/**
 * What came of a trial in one subtask.
 *
 * @param run run of the job that it was made in
 * @param role what the bundle is for
 * @param rollout id of the rollout
 * @param subtask who reports
 * @param parallelism how many will report
 * @param refusal why the bundle could not be loaded; null if it is
 */
public record RolloutReport(
        String run,
        String role,
        String rollout,
        int subtask,
        int parallelism,
        @Nullable String refusal) {}
