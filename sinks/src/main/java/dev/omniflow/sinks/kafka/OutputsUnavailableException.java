package dev.omniflow.sinks.kafka;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The outputs cannot be read from Kafka. One line: what was tried, what came, what to do. */
public final class OutputsUnavailableException extends IOException {
    /** The message says what was tried, what came, and what to do. */
    public OutputsUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
