package dev.omniflow.app.bench.recovery;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code omniflow bench rescale}. */
@Command(
        name = "rescale",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Rescales the captions job through savepoints while sessions speak, and compares what"
                    + " came out with a run of the same log in which nothing happens: byte for"
                    + " byte, all but the time of emission. Exits with 1 where a guarantee broke."
        })
public final class RescaleCommand implements Callable<Integer> {
    private static final int TASK_MANAGERS = 2;

    private final Console console;
    private final OmniflowHome home;

    @Mixin private LiveOptions options = new LiveOptions();

    @Option(
            names = "--parallelisms",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,4,2",
            description =
                    "Parallel tasks of the job, one after the other. Default: ${DEFAULT-VALUE}")
    private List<Integer> parallelisms = List.of();

    /**
     * @param console where it writes
     * @param home where models, recordings and run data lie
     */
    public RescaleCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        options.check();
        LiveOptions.requireIn("the number of --parallelisms", parallelisms.size(), 2, 100);
        for (int parallelism : parallelisms) {
            LiveOptions.requireIn("--parallelisms", parallelism, 1, 64);
        }
        int most = Collections.max(parallelisms);
        int slots = (most + TASK_MANAGERS - 1) / TASK_MANAGERS;
        List<Integer> later = parallelisms.subList(1, parallelisms.size());
        Disturbed<Rescales> run =
                new DisturbedRun(console, home, "rescale")
                        .run(
                                options,
                                new Layout(TASK_MANAGERS, slots, parallelisms.get(0), most),
                                new Rescaler(later, options.seed(), console::say));
        Rescales measured = run.measured();
        boolean valid =
                measured.pausesMs().size() == later.size()
                        && measured.leastLive() >= options.sessions()
                        && run.unreadable() == 0
                        && run.check().finals() > 0;
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        parallelisms.forEach(json.putArray("parallelisms")::add);
        run.check().writeTo(json);
        measured.pausesMs().forEach(json.putArray("pause_ms")::add);
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
                            + later.size()
                            + " rescales, each under "
                            + options.sessions()
                            + " live sessions or more, and no unreadable record");
        }
        return run.check().holds() && valid ? ExitCode.OK : ExitCode.FAILURE;
    }
}
