package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.core.bundle.BundleException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code omniflow bench operator}. */
@Command(
        name = "operator",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures sessions' graph calls a second through the stateful operator in a Flink job,"
                    + " beside a bare ONNX Runtime loop with the operator's mean batch and as many"
                    + " threads, and beside Flink's async I/O with one call for each record, the"
                    + " session's state carried in it.",
            "The three take turns, and have to give the same results, or the run fails. Measured"
                    + " are single tokens through the Whisper decoder, keys and values kept, and"
                    + " chunks of sound through the voice activity model, state kept."
        },
        footer = {
            "",
            "--json prints a list with an object for each graph and number of sessions: graph,"
                    + " sessions, calls_per_s, ratio_to_bare, ratio_to_async, mean_batch,"
                    + " bare_calls_per_s, async_calls_per_s (medians of the repeats), lanes_busy"
                    + " (share of the threads' time that runs took), run_ms and bare_run_ms (a run of"
                    + " the graph), and [least, most] in"
                    + " calls_per_s_spread, ratio_to_bare_spread, ratio_to_async_spread."
        })
public final class OperatorCommand implements Callable<Integer> {
    private final Console console;
    private final OmniflowHome home;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "whisper-base",
            description =
                    "whisper-base, whisper-tiny.en, or the path of a bundle. Default:"
                            + " ${DEFAULT-VALUE}")
    private String model = "";

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "4",
            description =
                    "What each way is measured for in a repeat, at least. Default:"
                            + " ${DEFAULT-VALUE}")
    private double seconds = 4;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often the three take turns. Default: ${DEFAULT-VALUE}")
    private int repeats = 5;

    @Option(
            names = "--decoding-sessions",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,4,16,64",
            description =
                    "Sessions that decode at a time, one measurement each. Default:"
                            + " ${DEFAULT-VALUE}")
    private List<Integer> decodingSessions = List.of();

    @Option(
            names = "--voice-sessions",
            paramLabel = "N",
            split = ",",
            defaultValue = "16,64",
            description =
                    "Sessions that look for voice at a time, one measurement each. Default:"
                            + " ${DEFAULT-VALUE}")
    private List<Integer> voiceSessions = List.of();

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "48",
            description = "Tokens of an utterance. Default: ${DEFAULT-VALUE}")
    private int tokens = 48;

    @Option(
            names = "--sound",
            paramLabel = "S",
            defaultValue = "32",
            description =
                    "Seconds of sound in which a session looks for voice, roughly: inputs of 32"
                            + " chunks. Default: ${DEFAULT-VALUE}")
    private int sound = 32;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads that run the graph. Default: one for each core")
    private int threads;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /**
     * @param console where it writes
     * @param home where models lie
     */
    public OperatorCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        if (!(seconds > 0 && seconds <= 600)) {
            throw CommandException.usage("--seconds is above 0 and at most 600, not " + seconds);
        }
        requireIn("--repeats", repeats, 1, 100);
        // 440 and the prompt fill the context of every Whisper model.
        requireIn("--tokens", tokens, 1, 440);
        requireIn("--sound", sound, 1, 600);
        requireIn("--threads", threads, 0, 1024);
        for (int sessions : decodingSessions) {
            requireIn("--decoding-sessions", sessions, 1, 1024);
        }
        for (int sessions : voiceSessions) {
            requireIn("--voice-sessions", sessions, 1, 1024);
        }
        SpeechModels models = SpeechModels.find(home, model);
        List<CaseResult> results = new ArrayList<>();
        try (BenchCluster cluster = BenchCluster.start(home.run())) {
            OperatorBench bench =
                    new OperatorBench(
                            cluster,
                            threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
                            Duration.ofNanos(Math.round(seconds * 1e9)),
                            repeats,
                            console::status);
            if (!decodingSessions.isEmpty()) {
                try (BenchCase decoder = BenchCases.decoder(models.recogniser(), tokens)) {
                    for (int sessions : decodingSessions) {
                        results.add(bench.run(decoder, sessions));
                    }
                }
            }
            try (BenchCase voice = BenchCases.voice(models.voiceActivity(), sound)) {
                for (int sessions : voiceSessions) {
                    results.add(bench.run(voice, sessions));
                }
            }
        } catch (BundleException e) {
            throw CommandException.usage(e.getMessage());
        } catch (BenchException | OrtException e) {
            throw CommandException.failure("bench operator: " + e.getMessage(), e);
        }
        print(results);
        return ExitCode.OK;
    }

    private static void requireIn(String option, int value, int least, int most)
            throws CommandException {
        if (value < least || value > most) {
            throw CommandException.usage(
                    option + " is from " + least + " to " + most + ", not " + value);
        }
    }

    private void print(List<CaseResult> results) {
        if (json) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            results.forEach(result -> list.add(result.json()));
            console.print(list + "\n");
            return;
        }
        StringBuilder table = new StringBuilder(CaseResult.HEADING);
        results.forEach(result -> table.append(result.line()));
        console.print(table.toString());
    }
}
