package dev.omniflow.ingest;

import dev.omniflow.schemas.EndReason;
import java.time.Duration;
import java.util.List;

/**
 * What became of a file.
 *
 * @param session id of its session
 * @param duration media that was published, holes included
 * @param channels channels of the session
 * @param events events that were published
 * @param reason COMPLETED; CLOSED if it was cancelled; FAILED if the file could not be read to its
 *     end
 * @param warnings what a person should know, one line each; not empty if FAILED
 */
public record IngestResult(
        String session,
        Duration duration,
        int channels,
        long events,
        EndReason reason,
        List<String> warnings) {
    public IngestResult {
        warnings = List.copyOf(warnings);
    }
}
