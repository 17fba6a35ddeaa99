package dev.omniflow.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs commands within this process. */
public final class CommandLines {
    private CommandLines() {}

    /** Runs a command; returns its exit code. */
    public static int run(Console console, OmniflowHome home, String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of(command));
        line.addAll(Arrays.asList(arguments));
        return Main.commandLine(console, home, Path.of("omniflow.log"))
                .execute(line.toArray(String[]::new));
    }
}
