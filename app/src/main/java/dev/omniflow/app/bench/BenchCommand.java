package dev.omniflow.app.bench;

import dev.omniflow.app.Console;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.bench.checkpoints.CheckpointsCommand;
import dev.omniflow.app.bench.operator.OperatorCommand;
import dev.omniflow.app.bench.recovery.RecoveryCommand;
import dev.omniflow.app.bench.recovery.RescaleCommand;
import dev.omniflow.app.bench.soak.SoakCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code omniflow bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description =
                "Measures accuracy and speed on a corpus, and the stateful operator: its speed,"
                        + " recovery, checkpoints and footprint.")
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
                .addSubcommand(new SpeedCommand(console, home))
                .addSubcommand(new OperatorCommand(console, home))
                .addSubcommand(new RecoveryCommand(console, home))
                .addSubcommand(new RescaleCommand(console, home))
                .addSubcommand(new CheckpointsCommand(console, home))
                .addSubcommand(new SoakCommand(console, home));
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "name a measurement: " + String.join(", ", spec.subcommands().keySet()));
    }
}
