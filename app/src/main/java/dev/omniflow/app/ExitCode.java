package dev.omniflow.app;

/**
 * What a command's exit status says. 3, something is missing on this machine, comes from the
 * launcher or from {@link #MISSING}; 130 from the Java virtual machine itself when a signal ends
 * it.
 */
public final class ExitCode {
    /** All was done. */
    public static final int OK = 0;

    /** It failed for a reason inside Omniflow or this machine. */
    public static final int FAILURE = 1;

    /** Bad usage, or an input that cannot be read; other inputs were still done. */
    public static final int USAGE = 2;

    /** Something that must be there first is not: a tool, a bundle. */
    public static final int MISSING = 3;

    /** A signal ended it. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
