package dev.omniflow.schemas.codec;

/**
 * Bytes that are not an event of the expected schema. The message says what was expected and what
 * came.
 */
public final class UnreadableEventException extends Exception {
    public UnreadableEventException(String message) {
        super(message);
    }

    public UnreadableEventException(String message, Throwable cause) {
        super(message, cause);
    }
}
