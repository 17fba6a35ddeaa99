package dev.omniflow.app.bench.recovery;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code omniflow bench recovery}. */
@Command(
        name = "recovery",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Kills TaskManagers with SIGKILL at random moments while sessions speak, and compares"
                    + " what came out with a run of the same log in which nothing is killed: byte"
                    + " for byte, all but the time of emission.",
            "Kafka, a JobManager and the TaskManagers are processes of this machine. Exits with 1"
                    + " where a guarantee broke."
        })
public final class RecoveryCommand implements Callable<Integer> {
    private final Console console;
    private final OmniflowHome home;

    @Mixin private LiveOptions options = new LiveOptions();

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "25",
            description = "TaskManagers to kill. Default: ${DEFAULT-VALUE}")
    private int kills = 25;

    @Option(
            names = "--task-managers",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "TaskManager processes; one that was killed is replaced. Default:"
                            + " ${DEFAULT-VALUE}")
    private int taskManagers = 3;

    @Option(
            names = "--slots",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "Slots of each. Spare ones let the job go on before a new process is up."
                            + " Default: ${DEFAULT-VALUE}")
    private int slots = 2;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "3",
            description = "Parallel tasks of the job. Default: ${DEFAULT-VALUE}")
    private int parallelism = 3;

    /**
     * @param console where it writes
     * @param home where models, recordings and run data lie
     */
    public RecoveryCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        options.check();
        LiveOptions.requireIn("--kills", kills, 1, 10_000);
        LiveOptions.requireIn("--task-managers", taskManagers, 1, 32);
        LiveOptions.requireIn("--slots", slots, 1, 32);
        LiveOptions.requireIn("--parallelism", parallelism, 1, taskManagers * slots);
        Disturbed<Kills> run =
                new DisturbedRun(console, home, "recovery")
                        .run(
                                options,
                                new Layout(taskManagers, slots, parallelism, parallelism),
                                new Killer(kills, options.seed(), console::say));
        Kills measured = run.measured();
        RecoveryTimes times = RecoveryTimes.of(measured.kills(), run.seen());
        boolean valid =
                measured.kills().size() >= kills
                        && measured.restarts() > 0
                        && measured.leastLive() >= options.sessions()
                        && run.unreadable() == 0
                        && !times.sessionsMs().isEmpty()
                        && run.check().finals() > 0;
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kills", measured.kills().size());
        run.check().writeTo(json);
        json.put("recovery_ms_p50", RecoveryTimes.median(times.sessionsMs()));
        json.put("recovery_ms_max", RecoveryTimes.longest(times.sessionsMs()));
        json.put("first_output_ms_p50", RecoveryTimes.median(times.firstMs()));
        json.put("first_output_ms_max", RecoveryTimes.longest(times.firstMs()));
        json.put("detected_ms_p50", RecoveryTimes.median(measured.detectedMs()));
        json.put("restarted_ms_p50", RecoveryTimes.median(measured.restartedMs()));
        json.put("restarted_ms_max", RecoveryTimes.longest(measured.restartedMs()));
        json.put("recoveries", times.sessionsMs().size());
        json.put("silent", times.never());
        json.put("job_restarts", measured.restarts());
        json.put("live_sessions", measured.leastLive());
        json.put("sessions", run.sessions());
        json.put("repeated_live", run.repeated());
        json.put("model", options.model());
        json.put("seed", options.seed());
        json.put("valid", valid);
        Report.print(console, json, options.json());
        run.check().findings().forEach(console::complain);
        if (!valid) {
            console.complain(
                    "the run does not count: expected "
                            + kills
                            + " kills, each under "
                            + options.sessions()
                            + " live sessions or more, outputs after them, and no unreadable record");
        }
        return run.check().holds() && valid ? ExitCode.OK : ExitCode.FAILURE;
    }
}
