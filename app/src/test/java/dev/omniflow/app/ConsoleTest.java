package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.app.Console.OutputClosedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void saysWhenNobodyReadsTheOutputAnyMore() {
        OutputStream closed =
                new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        Console console = console(closed, false);
        assertThatThrownBy(() -> console.print("text")).isInstanceOf(OutputClosedException.class);
    }

    @Test
    void showsTheStatusOnlyOnATerminal() {
        Console console = console(OutputStream.nullOutputStream(), false);
        console.status("50 %");
        console.say("done");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("done\n");
    }

    @Test
    void takesTheStatusAwayBeforeALine() {
        Console console = console(OutputStream.nullOutputStream(), true);
        console.status("50 %");
        console.complain("no");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r\u001b[K50 %\r\u001b[Komniflow: no\n");
    }

    private Console console(OutputStream out, boolean terminal) {
        return new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                terminal);
    }
}
