package dev.omniflow.sinks.captions;

import dev.omniflow.schemas.OutputEvent;
import java.io.IOException;

/**
 * Writes the captions of one session in one format, one by one as they come.
 *
 * <p>Does not own what it writes to, but flushes it whenever something was written. Not
 * thread-safe.
 */
public interface CaptionWriter {
    /**
     * Takes a final caption; captions of one channel in the order of their media. What may still
     * change its place or its end is held back.
     *
     * @throws IllegalArgumentException if the event is not a final caption, or of a channel that
     *     the session does not have
     */
    void write(OutputEvent caption) throws IOException;

    /** Writes what was held back. Without any caption this still makes a well-formed document. */
    void finish() throws IOException;
}
