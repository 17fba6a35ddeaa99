package dev.omniflow.app.bench;

import dev.omniflow.app.Console;
import dev.omniflow.app.OmniflowHome;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code omniflow bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures accuracy and speed on a corpus.")
public final class BenchCommand implements Runnable {
    @Spec private CommandSpec spec;

    private BenchCommand() {}

    /**
     * The command with its subcommands.
     *
     * @param console where it writes
     * @param home where models, corpus and run data lie
     */
    public static CommandLine commandLine(Console console, OmniflowHome home) {
        return new CommandLine(new BenchCommand())
                .addSubcommand(new AccuracyCommand(console, home))
                .addSubcommand(new SpeedCommand(console, home));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a measurement: accuracy or speed");
    }
}
