package dev.omniflow.ingest;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Which models new sessions take could not be read from Kafka. One line: what was wrong. */
public final class ModelsUnavailableException extends IOException {
    ModelsUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
