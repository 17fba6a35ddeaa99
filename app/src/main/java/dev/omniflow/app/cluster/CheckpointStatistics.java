package dev.omniflow.app.cluster;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Checkpoints of a job since it was submitted, as the JobManager counts them.
 *
 * @param completed checkpoints that completed
 * @param failed checkpoints that did not
 * @param restored how often the job went on from one
 * @param lastBytes bytes that the last completed one wrote, 0 before the first
 * @param lastStateBytes bytes of state that it refers to
 * @param lastDurationMs from its begin to its end, in milliseconds
 */
public record CheckpointStatistics(
        long completed,
        long failed,
        long restored,
        long lastBytes,
        long lastStateBytes,
        long lastDurationMs) {
    static CheckpointStatistics of(JsonNode answer) {
        JsonNode counts = answer.path("counts");
        JsonNode last = answer.path("latest").path("completed");
        return new CheckpointStatistics(
                counts.path("completed").asLong(),
                counts.path("failed").asLong(),
                counts.path("restored").asLong(),
                last.path("checkpointed_size").asLong(),
                last.path("state_size").asLong(),
                last.path("end_to_end_duration").asLong());
    }
}
