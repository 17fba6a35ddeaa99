package dev.omniflow.app.bench.checkpoints;

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
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code omniflow bench checkpoints}. */
@Command(
        name = "checkpoints",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures what checkpoints cost: CPU seconds of the process, which holds the captions"
                    + " job, Kafka and the load, in windows with checkpoints and without, in turns,"
                    + " under the same live sessions.",
            "First sessions in a quiet room, in which only voice activity and endpointing work;"
                    + " then sessions that hear speech, and are captioned."
        },
        footer = {
            "",
            "--json prints one object: sessions, pairs, cpu_s_without and cpu_s_with (of a window,"
                    + " medians), cost_percent (median of the pairs) with [least, most] in"
                    + " cost_percent_spread, job_cost_percent (without broker and load) with its"
                    + " spread, checkpoints (counted), checkpoint_bytes (written, median),"
                    + " state_bytes, bytes_per_session, program_bytes_per_session,"
                    + " checkpoint_ms_p50, checkpoint_ms_max, recogniser_calls, cpu_s_by_part; the"
                    + " same for the second under captions; interval_ms, window_s, state_backend,"
                    + " load_average."
        })
public final class CheckpointsCommand implements Callable<Integer> {
    /** By themselves no checkpoints come: the windows let them begin. */
    private static final Duration NEVER = Duration.ofDays(30);

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
            defaultValue = "200",
            description = "Sessions in a quiet room. Default: ${DEFAULT-VALUE}")
    private int sessions = 200;

    @Option(
            names = "--caption-sessions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Sessions that hear speech. Default: ${DEFAULT-VALUE}")
    private int captionSessions = 8;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "8",
            description =
                    "Windows with checkpoints, and as many without. Default: ${DEFAULT-VALUE}")
    private int pairs = 8;

    @Option(
            names = "--window",
            paramLabel = "S",
            defaultValue = "15",
            description =
                    "Seconds of a window, and of the speech that is heard over and over. Default:"
                            + " ${DEFAULT-VALUE}")
    private int window = 15;

    @Option(
            names = "--interval",
            paramLabel = "MS",
            defaultValue = "1000",
            description = "Milliseconds between checkpoints. Default: ${DEFAULT-VALUE}")
    private int interval = 1000;

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
    public CheckpointsCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        requireIn("--sessions", sessions, 1, 4096);
        requireIn("--caption-sessions", captionSessions, 1, 1024);
        requireIn("--pairs", pairs, 1, 100);
        requireIn("--window", window, 1, 300);
        requireIn("--interval", interval, 10, 60_000);
        requireIn("--parallelism", parallelism, 1, 128);
        if (interval > window * 1000) {
            throw CommandException.usage(
                    "--interval "
                            + interval
                            + " is longer than a window of "
                            + window
                            + " s: no checkpoint would come in it");
        }
        SpeechModels models = SpeechModels.find(home, model);
        short[] speech = Sounds.recording(Recordings.speech(home), LiveSession.samples(window));
        short[] room = Sounds.room(LiveSession.samples(window));
        CostResult listening = measure(models, "listening", room, sessions);
        CostResult captions = measure(models, "captioned", speech, captionSessions);
        if (listening.recogniserCalls() > 0) {
            throw CommandException.failure(
                    "the recogniser was called for sessions in a quiet room",
                    new IllegalStateException(listening.recogniserCalls() + " calls"));
        }
        print(listening, captions);
        return ExitCode.OK;
    }

    private CostResult measure(SpeechModels models, String name, short[] sound, int count)
            throws CommandException, InterruptedException {
        LiveJobOptions options = new LiveJobOptions(parallelism, NEVER, stateBackend, Map.of());
        CostPlan plan =
                new CostPlan(
                        pairs,
                        Duration.ofSeconds(window),
                        Duration.ofSeconds(window),
                        Duration.ofMillis(interval));
        try (LiveJob job = LiveJob.start(home, models, options)) {
            List<LiveSession> opened = new ArrayList<>();
            for (int session = 0; session < count; session++) {
                // They are at different places of what they hear.
                int begin = (int) (window * 10L * session / count);
                opened.add(job.open(name + "-" + session, sound, begin));
            }
            return new CostBench(job, opened, plan, console::status).run();
        }
    }

    private static void requireIn(String option, int value, int least, int most)
            throws CommandException {
        if (value < least || value > most) {
            throw CommandException.usage(
                    option + " is from " + least + " to " + most + ", not " + value);
        }
    }

    private void print(CostResult listening, CostResult captions) {
        if (!json) {
            console.print(
                    listening.text("sessions in a quiet room")
                            + captions.text("captioned sessions"));
            return;
        }
        ObjectNode result = listening.json();
        result.set("captions", captions.json());
        result.put("interval_ms", interval);
        result.put("window_s", window);
        result.put("state_backend", stateBackend.toString());
        result.put(
                "load_average",
                Medians.rounded(
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), 2));
        console.print(result + "\n");
    }
}
