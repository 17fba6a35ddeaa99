package dev.omniflow.app;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A console that keeps what is written to it. */
public final class CapturedConsole {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console =
            new Console(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    false);

    /** The console to write to. */
    public Console console() {
        return console;
    }

    /** What went to the standard output. */
    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What went to the standard error, line by line. */
    public List<String> errorLines() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
