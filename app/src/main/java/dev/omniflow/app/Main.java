package dev.omniflow.app;

import dev.omniflow.app.Console.OutputClosedException;
import dev.omniflow.app.runtime.AtExit;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The entry of the {@code omniflow} command. */
public final class Main {
    private Main() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Console console = Console.ofProcess();
        int exitCode = run(arguments, console, OmniflowHome.current());
        // Threads of libraries that are still about must not keep the process.
        System.exit(exitCode);
    }

    /** Runs the command; returns its exit code. */
    static int run(String[] arguments, Console console, OmniflowHome home) {
        Path log;
        try {
            log = LogFiles.ofThisRun(home.logs());
        } catch (IOException e) {
            console.complain(
                    "cannot write to "
                            + home.root()
                            + " ("
                            + e.getMessage()
                            + "): check its permissions and the disk's space, or set"
                            + " OMNIFLOW_HOME");
            return ExitCode.FAILURE;
        }
        configureLibraries(home, log);
        AtExit.endOnSignals();
        // A thread of a library that dies is for the log; whoever waits for it says what is amiss.
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, error) -> Log.error("thread " + thread.getName() + " died", error));
        return commandLine(console, home, log).execute(arguments);
    }

    /**
     * The command with its subcommands.
     *
     * @param log is named where a failure is reported
     */
    static CommandLine commandLine(Console console, OmniflowHome home, Path log) {
        CommandLine line = OmniflowCommand.commandLine(console, home);
        line.setParameterExceptionHandler((exception, arguments) -> badUsage(exception, console));
        line.setExecutionExceptionHandler(
                (exception, command, result) -> failed(exception, console, log));
        return line;
    }

    private static int badUsage(ParameterException exception, Console console) {
        console.complain(
                firstLine(exception)
                        + "; see "
                        + exception.getCommandLine().getCommandSpec().qualifiedName()
                        + " --help");
        return ExitCode.USAGE;
    }

    private static int failed(Exception exception, Console console, Path log) {
        if (exception instanceof OutputClosedException) {
            return ExitCode.OK;
        }
        if (exception instanceof InterruptedException) {
            return ExitCode.INTERRUPTED;
        }
        if (exception instanceof CommandException known) {
            console.complain(known.getMessage());
            if (known.exitCode() == ExitCode.FAILURE) {
                Log.error("the command failed", known);
                console.say("  details: " + log);
            }
            return known.exitCode();
        }
        Log.error("the command failed", exception);
        console.complain("unexpected failure: " + firstLine(exception));
        console.say("  details: " + log);
        return ExitCode.FAILURE;
    }

    private static String firstLine(Throwable exception) {
        String message = exception.getMessage();
        if (message == null || message.isBlank()) {
            return exception.getClass().getSimpleName();
        }
        return message.lines().findFirst().orElse(message);
    }

    /**
     * Tells libraries where to keep what they keep, before the first of their classes is loaded.
     */
    static void configureLibraries(OmniflowHome home, Path log) {
        LibrarySettings.set("omniflow.log.file", log.toString());
        LibrarySettings.apply(home);
    }

    /** Loaded when it is first used, after the log file has been named. */
    private static final class Log {
        private static final org.slf4j.Logger LOG = org.slf4j.LoggerFactory.getLogger(Main.class);

        static void error(String message, Throwable cause) {
            LOG.error(message, cause);
        }
    }
}
