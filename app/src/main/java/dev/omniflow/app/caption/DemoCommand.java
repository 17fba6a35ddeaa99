package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.ingest.MediaDecoder;
import dev.omniflow.ingest.MediaUnreadableException;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.sinks.captions.CaptionFormat;
import dev.omniflow.sinks.captions.CaptionWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code omniflow demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Captions a real recording and shows the captions as they come.",
            "Writes them as WebVTT too, and closes with what it did and what to try next."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed, for a reason inside Omniflow or this machine",
            "2:bad usage, or a recording that cannot be read",
            "3:a model or the recording is missing",
            "130:interrupted"
        })
public final class DemoCommand implements Callable<Integer> {
    private final Console console;
    private final OmniflowHome home;

    @Option(
            names = "--media",
            paramLabel = "FILE",
            description = "A recording of your own, instead of the one that the demo brings.")
    private @Nullable Path media;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Where the WebVTT goes. Default: demo/<name>.vtt in the folder that Omniflow"
                            + " keeps.")
    private @Nullable Path output;

    @Mixin private SpeechOptions speech = new SpeechOptions();

    /**
     * @param console where it writes
     * @param home where models, the recording and run data lie
     */
    public DemoCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        SpeechModels models = speech.models(home);
        SessionSettings settings = speech.settings(models);
        int parallelism = speech.parallelism();
        Path file = media == null ? DemoRecording.find(home) : media;
        try {
            MediaDecoder.probe(file);
        } catch (MediaUnreadableException e) {
            throw CommandException.usage(e.getMessage());
        }
        long began = System.nanoTime();
        console.say(
                "Captioning "
                        + file
                        + " with "
                        + models.recogniser().id()
                        + ", through Kafka and Flink in this process.");
        console.status("starting …");
        try (CaptionTarget target = new FileTarget(outputFile(file));
                CaptionService service = CaptionService.start(home, models, parallelism, true)) {
            Duration start = Duration.ofNanos(System.nanoTime() - began);
            Show show = new Show(target.out());
            long captioning = System.nanoTime();
            SessionResult result = service.caption(file, settings, show);
            Duration took = Duration.ofNanos(System.nanoTime() - captioning);
            show.finish();
            target.complete();
            if (result.fault().isPresent()) {
                throw CommandException.failure(
                        "the captions are not complete: " + result.fault().get().getMessage(),
                        null);
            }
            summarise(file, result, start, took);
            return result.ingest().reason() == EndReason.FAILED ? ExitCode.USAGE : ExitCode.OK;
        } catch (MediaUnreadableException e) {
            throw CommandException.usage(e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            throw CommandException.failure(CaptionService.reason(e), e);
        }
    }

    private Path outputFile(Path file) throws IOException {
        if (output != null) {
            return output;
        }
        Path folder = home.root().resolve("demo");
        Files.createDirectories(folder);
        return folder.resolve(CaptionCommand.baseName(file) + "." + CaptionFormat.VTT.extension());
    }

    private void summarise(Path file, SessionResult result, Duration start, Duration took)
            throws IOException {
        double seconds = result.ingest().duration().toMillis() / 1000.0;
        for (String warning : result.ingest().warnings()) {
            console.complain(file + ": " + warning);
        }
        console.say("");
        console.say(
                String.format(
                        Locale.ROOT,
                        "%.1f s of audio captioned in %.1f s, %.1f times as fast as it is heard (%d"
                                + " captions; Kafka, Flink and the models took %.1f s to start).",
                        seconds,
                        took.toMillis() / 1000.0,
                        seconds * 1000 / Math.max(1, took.toMillis()),
                        result.captions(),
                        start.toMillis() / 1000.0));
        console.say("Recording: " + file);
        console.say("Captions:  " + outputFile(file));
        console.say("");
        console.say("Try next:");
        console.say("  ./omniflow caption YOUR-FILE.mp4 > captions.vtt");
        console.say("  ./omniflow demo --realtime --media YOUR-FILE.mp4");
        console.say("  ./omniflow caption --help");
    }

    /** Shows what the live topic brings, and writes what the record brings. */
    private final class Show implements SessionListener {
        private final Appendable out;
        private volatile CaptionWriter writer;
        private volatile boolean labelled;

        Show(Appendable out) {
            this.out = out;
            this.writer = CaptionFormat.VTT.writer(out, 1);
        }

        @Override
        public void started(int channels, Optional<Duration> total) {
            writer = CaptionFormat.VTT.writer(out, channels);
            labelled = channels > 1;
        }

        @Override
        public void live(OutputEvent event) {
            if (!(event.getPayload() instanceof Caption caption)) {
                return;
            }
            String line =
                    time(event.getStartUs())
                            + "  "
                            + (labelled ? "[" + (caption.getChannel() + 1) + "] " : "")
                            + caption.getText();
            if (caption.getFinality() == Finality.FINAL) {
                console.print(line + "\n");
            } else {
                console.status(line);
            }
        }

        @Override
        public void caption(OutputEvent event) {
            try {
                writer.write(event);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void finish() throws IOException {
            console.eraseStatus();
            writer.finish();
        }
    }

    private static String time(long us) {
        long tenths = us / 100_000;
        return String.format(
                Locale.ROOT, "%02d:%02d.%d", tenths / 600, tenths / 10 % 60, tenths % 10);
    }
}
