package dev.omniflow.core.bundle;

/**
 * A bundle that is not there or not what it should be. The message names the bundle and what to do.
 */
public final class BundleException extends Exception {
    public BundleException(String message) {
        super(message);
    }

    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
