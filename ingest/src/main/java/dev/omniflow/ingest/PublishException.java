package dev.omniflow.ingest;

import java.io.IOException;

/**
 * An event could not be written to Kafka. One line: which event, of which session, why. The session
 * has a hole there, so nothing more may be published to it.
 */
public final class PublishException extends IOException {
    /** The message says which event, of which session, and why. */
    public PublishException(String message, Throwable cause) {
        super(message, cause);
    }
}
