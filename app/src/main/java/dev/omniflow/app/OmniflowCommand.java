package dev.omniflow.app;

import dev.omniflow.app.bench.BenchCommand;
import dev.omniflow.app.caption.CaptionCommand;
import dev.omniflow.app.caption.DemoCommand;
import dev.omniflow.app.caption.WarmUpCommand;
import dev.omniflow.app.cluster.ClusterCommand;
import dev.omniflow.app.rollout.RolloutCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the commands that run in Java; the launcher does the others. */
@Command(
        name = "omniflow",
        mixinStandardHelpOptions = true,
        versionProvider = OmniflowCommand.Version.class,
        description = "Live captions of audio and video, through Kafka and Flink, on this machine.")
public final class OmniflowCommand implements Runnable {
    @Spec private CommandSpec spec;

    private OmniflowCommand() {}

    /** The command with its subcommands. */
    static CommandLine commandLine(Console console, OmniflowHome home) {
        return new CommandLine(new OmniflowCommand())
                .addSubcommand(new CaptionCommand(console, home))
                .addSubcommand(new DemoCommand(console, home))
                .addSubcommand(new ClusterCommand(console, home))
                .addSubcommand(new RolloutCommand(console))
                .addSubcommand(BenchCommand.commandLine(console, home))
                .addSubcommand(new WarmUpCommand(home));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = OmniflowCommand.class.getPackage().getImplementationVersion();
            return new String[] {"omniflow " + (version == null ? "(not packaged)" : version)};
        }
    }
}
