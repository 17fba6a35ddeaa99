package dev.omniflow.speech.captions;

import java.util.Objects;

/** A session asks for what is not there or not allowed. Becomes its fault; nobody else notices. */
public final class SessionRefusedException extends Exception {
    private final String code;

    /**
     * @param code a stable word for programs
     * @param message what was expected, what came, what to do
     */
    public SessionRefusedException(String code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** A stable word for programs. */
    public String code() {
        return code;
    }
}
