package dev.omniflow.app.bench.operator;

import org.jspecify.annotations.Nullable;

/** The measurement cannot go on; the message says why. */
final class BenchException extends Exception {
    BenchException(String message) {
        super(message);
    }

    BenchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
