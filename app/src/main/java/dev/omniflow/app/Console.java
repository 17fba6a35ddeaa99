package dev.omniflow.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command writes: results to {@code out}, all that is for a person to {@code err}, both in
 * UTF-8.
 *
 * <p>Thread-safe.
 */
public final class Console {
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private boolean statusShown;

    /**
     * @param out results
     * @param err for a person
     * @param terminal whether {@code err} is a terminal, on which a line can be written over
     */
    public Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** That of this process; the launcher says whether its {@code err} is a terminal. */
    public static Console ofProcess() {
        return new Console(
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                Boolean.getBoolean("omniflow.terminal"));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** Where results go. */
    public PrintStream out() {
        return out;
    }

    /** Whether {@link #status} shows anything. */
    public boolean isTerminal() {
        return terminal;
    }

    /**
     * Writes a piece of the result.
     *
     * @throws OutputClosedException if nobody reads any more
     */
    public synchronized void print(String text) {
        eraseStatus();
        out.print(text);
        if (out.checkError()) {
            throw new OutputClosedException();
        }
    }

    /** Says one line to a person. */
    public synchronized void say(String line) {
        eraseStatus();
        err.println(line);
    }

    /** Says one line of trouble to a person, with the program's name before it. */
    public void complain(String line) {
        say("omniflow: " + line);
    }

    /** Shows how it comes along, in a line that the next one replaces; only on a terminal. */
    public synchronized void status(String line) {
        if (terminal) {
            err.print(ERASE_LINE + line);
            err.flush();
            statusShown = true;
        }
    }

    /** Takes the status line away. */
    public synchronized void eraseStatus() {
        if (statusShown) {
            err.print(ERASE_LINE);
            err.flush();
            statusShown = false;
        }
    }

    /** The reader of the results has gone, as {@code head} does: a reason to stop, not an error. */
    public static final class OutputClosedException extends RuntimeException {
        OutputClosedException() {
            super("the output was closed by its reader");
        }
    }
}
