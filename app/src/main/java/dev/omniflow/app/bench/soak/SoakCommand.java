package dev.omniflow.app.bench.soak;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.bench.live.LiveJob;
import dev.omniflow.app.bench.live.LiveJobOptions;
import dev.omniflow.app.bench.live.LiveSession;
import dev.omniflow.app.bench.live.Medians;
import dev.omniflow.app.bench.live.Recordings;
import dev.omniflow.app.bench.live.Sounds;
import dev.omniflow.app.bench.live.StateBackend;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.jobs.CaptionsJobOptions;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code omniflow bench soak}. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Opens many sessions one after the other, uses them in real time, ends every other one"
                    + " and just leaves the rest, and looks whether memory and state return to"
                    + " where they were.",
            "They have returned if, next to before, the heap has grown by 32 MiB at most, direct"
                    + " memory by 16 MiB, resident memory by 15 % and 64 MiB, the state by 16 KiB"
                    + " and 64 bytes a session (that it has ended is remembered for an hour), no"
                    + " session is in memory and none holds a tensor, every session that was left"
                    + " was forgotten, and no input was dropped. Else the exit code is 1."
        },
        footer = {
            "",
            "--json prints one object: sessions, ended, abandoned, forgotten, dropped_inputs,"
                    + " opening_s, life_s; heap_mb, direct_mb, rss_mb, tensors_in_use_mb,"
                    + " tensors_idle_mb and checkpoint_bytes, each with _before, _peak and _after;"
                    + " remembered_bytes_per_session, sessions_in_memory_peak,"
                    + " sessions_in_memory_after, returned, not_returned (names of what did not),"
                    + " unload_after_ms, forget_after_ms, state_backend, load_average."
        })
public final class SoakCommand implements Callable<Integer> {
    private final Console console;
    private final OmniflowHome home;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "whisper-tiny.en",
            description =
                    "whisper-base, whisper-tiny.en, or the path of a bundle. Default:"
                            + " ${DEFAULT-VALUE}")
    private String model = "";

    @Option(
            names = "--sessions",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Sessions in all. Default: ${DEFAULT-VALUE}")
    private int sessions = 2000;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "10",
            description = "Over which they are opened, evenly. Default: ${DEFAULT-VALUE}")
    private double minutes = 10;

    @Option(
            names = "--life",
            paramLabel = "S",
            defaultValue = "20",
            description = "Seconds for which a session is used. Default: ${DEFAULT-VALUE}")
    private int life = 20;

    @Option(
            names = "--unload-after",
            paramLabel = "MS",
            defaultValue = "5000",
            description =
                    "omniflow.session.unload-after of the job, in milliseconds. Default:"
                            + " ${DEFAULT-VALUE}")
    private int unloadAfter = 5000;

    @Option(
            names = "--forget-after",
            paramLabel = "MS",
            defaultValue = "30000",
            description =
                    "omniflow.session.forget-after of the job, in milliseconds. Default:"
                            + " ${DEFAULT-VALUE}")
    private int forgetAfter = 30_000;

    @Option(
            names = "--state-backend",
            paramLabel = "BACKEND",
            defaultValue = "hashmap",
            description =
                    "hashmap, or rocksdb with incremental checkpoints. Default: ${DEFAULT-VALUE}")
    private StateBackend stateBackend = StateBackend.HASHMAP;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "2",
            description = "Parallel tasks of the Flink job. Default: ${DEFAULT-VALUE}")
    private int parallelism = 2;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /**
     * @param console where it writes
     * @param home where models, speech and run data lie
     */
    public SoakCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        requireIn("--sessions", sessions, 1, 1_000_000);
        if (!(minutes > 0 && minutes <= 10_000)) {
            throw CommandException.usage("--minutes is above 0 and at most 10000, not " + minutes);
        }
        requireIn("--life", life, 1, 3600);
        requireIn("--unload-after", unloadAfter, 1, 3_600_000);
        requireIn("--forget-after", forgetAfter, 1000, 3_600_000);
        requireIn("--parallelism", parallelism, 1, 128);
        SpeechModels models = SpeechModels.find(home, model);
        short[] speech = Sounds.recording(Recordings.speech(home), LiveSession.samples(life));
        short[] room = Sounds.room(LiveSession.samples(life));
        LiveJobOptions options =
                new LiveJobOptions(
                        parallelism,
                        Duration.ofSeconds(1),
                        stateBackend,
                        Map.of(
                                CaptionsJobOptions.UNLOAD_AFTER.key(),
                                unloadAfter + " ms",
                                CaptionsJobOptions.FORGET_AFTER.key(),
                                forgetAfter + " ms"));
        SoakPlan plan =
                new SoakPlan(
                        sessions,
                        Duration.ofMillis(Math.round(minutes * 60_000)),
                        Duration.ofSeconds(life));
        SoakResult result;
        try (LiveJob job = LiveJob.start(home, models, options)) {
            result =
                    new SoakBench(
                                    job,
                                    speech,
                                    room,
                                    Duration.ofMillis(forgetAfter),
                                    console::status)
                            .run(plan);
        }
        print(result);
        return result.notReturned().isEmpty() ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static void requireIn(String option, int value, int least, int most)
            throws CommandException {
        if (value < least || value > most) {
            throw CommandException.usage(
                    option + " is from " + least + " to " + most + ", not " + value);
        }
    }

    private void print(SoakResult result) {
        if (!json) {
            console.print(result.text());
            return;
        }
        ObjectNode object = result.json();
        object.put("unload_after_ms", unloadAfter);
        object.put("forget_after_ms", forgetAfter);
        object.put("state_backend", stateBackend.toString());
        object.put(
                "load_average",
                Medians.rounded(
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), 2));
        console.print(object + "\n");
    }
}
