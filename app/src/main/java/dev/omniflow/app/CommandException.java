package dev.omniflow.app;

import org.jspecify.annotations.Nullable;

/**
 * A command cannot go on, for a reason that its user can understand: the message is one line that
 * says what was expected, what came, and what to do.
 */
public final class CommandException extends Exception {
    private final int exitCode;

    private CommandException(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** The command line or an input is not usable. */
    public static CommandException usage(String message) {
        return new CommandException(ExitCode.USAGE, message, null);
    }

    /** Something that the command needs is not there yet. */
    public static CommandException missing(String message) {
        return new CommandException(ExitCode.MISSING, message, null);
    }

    /** It failed, and not through what the user asked for. */
    public static CommandException failure(String message, Throwable cause) {
        return new CommandException(ExitCode.FAILURE, message, cause);
    }

    /** The exit status that says it. */
    public int exitCode() {
        return exitCode;
    }
}
