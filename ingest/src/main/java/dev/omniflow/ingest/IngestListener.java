package dev.omniflow.ingest;

import java.time.Duration;
import java.util.Optional;

/** Is told how a file comes along, on the thread that ingests it. Must be quick. */
public interface IngestListener {
    /** Ignores all. */
    IngestListener NONE = new IngestListener() {};

    /**
     * The file is readable; its session is about to begin.
     *
     * @param channels channels of the session
     * @param total length as the headers give or suggest it; empty where they do not
     */
    default void started(int channels, Optional<Duration> total) {}

    /**
     * Media was handed to the producer.
     *
     * @param published media time so far
     */
    default void progressed(Duration published) {}
}
