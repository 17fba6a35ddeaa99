package dev.omniflow.core.graph;

import org.jspecify.annotations.Nullable;

/** A run of a graph failed. */
public final class GraphException extends Exception {
    private final boolean deviceLost;

    private GraphException(String message, @Nullable Throwable cause, boolean deviceLost) {
        super(message, cause);
        this.deviceLost = deviceLost;
    }

    /** One of the calls cannot be run. */
    public static GraphException ofCall(String message) {
        return new GraphException(message, null, false);
    }

    /** One of the calls cannot be run. */
    public static GraphException ofCall(String message, Throwable cause) {
        return new GraphException(message, cause, false);
    }

    /** The device cannot run anything any more. */
    public static GraphException ofDevice(String message, Throwable cause) {
        return new GraphException(message, cause, true);
    }

    /** Whether the device is lost, not only this run. */
    public boolean deviceLost() {
        return deviceLost;
    }
}
