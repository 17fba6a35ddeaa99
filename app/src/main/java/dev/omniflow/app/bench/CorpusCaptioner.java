package dev.omniflow.app.bench;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.caption.CaptionService;
import dev.omniflow.app.caption.SessionListener;
import dev.omniflow.app.caption.SessionResult;
import dev.omniflow.app.caption.SessionSettings;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.ingest.MediaUnreadableException;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.OutputEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Captions a corpus through the service, many recordings at a time, each a session of its own. */
final class CorpusCaptioner {
    private final Console console;
    private final CaptionService service;
    private final SpeechModels models;
    private final BenchOptions options;

    CorpusCaptioner(
            Console console, CaptionService service, SpeechModels models, BenchOptions options) {
        this.console = console;
        this.service = service;
        this.models = models;
        this.options = options;
    }

    /**
     * What came out.
     *
     * @param heard text by the path of the recording
     * @param audio length of all recordings
     * @param took from the first to the last
     */
    record Run(Map<String, String> heard, Duration audio, Duration took) {
        /** Seconds that a second of audio took. */
        double rtf() {
            return (double) took.toNanos() / audio.toNanos();
        }

        Run plus(Run other) {
            Map<String, String> both = new HashMap<>(heard);
            both.putAll(other.heard);
            return new Run(both, audio.plus(other.audio), took.plus(other.took));
        }
    }

    /** Captions all recordings. */
    Run caption(Corpus corpus) throws CommandException, InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(options.sessions());
        AtomicInteger done = new AtomicInteger();
        try {
            long began = System.nanoTime();
            List<Future<Heard>> outcomes = new ArrayList<>();
            for (Corpus.Utterance utterance : corpus.utterances()) {
                outcomes.add(
                        workers.submit(
                                () -> {
                                    Heard heard = caption(corpus, utterance);
                                    console.status(
                                            done.incrementAndGet()
                                                    + " of "
                                                    + corpus.utterances().size()
                                                    + " recordings");
                                    return heard;
                                }));
            }
            Map<String, String> heard = new HashMap<>();
            Duration audio = Duration.ZERO;
            for (int index = 0; index < outcomes.size(); index++) {
                Heard one = outcomes.get(index).get();
                heard.put(corpus.utterances().get(index).path(), one.text());
                audio = audio.plus(one.audio());
            }
            return new Run(heard, audio, Duration.ofNanos(System.nanoTime() - began));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandException known) {
                throw known;
            }
            throw CommandException.failure("a recording failed: " + e.getCause(), e);
        } finally {
            workers.shutdownNow();
            console.eraseStatus();
        }
    }

    private Heard caption(Corpus corpus, Corpus.Utterance utterance)
            throws CommandException, InterruptedException {
        SessionSettings settings = options.settings(models, utterance.language());
        List<String> captions = new ArrayList<>();
        SessionListener listener =
                new SessionListener() {
                    @Override
                    public void caption(OutputEvent event) {
                        captions.add(((Caption) event.getPayload()).getText());
                    }
                };
        try {
            SessionResult result = service.caption(corpus.file(utterance), settings, listener);
            if (result.fault().isPresent()) {
                throw CommandException.failure(
                        corpus.file(utterance) + ": " + result.fault().get().getMessage(), null);
            }
            return new Heard(String.join(" ", captions), result.ingest().duration());
        } catch (MediaUnreadableException e) {
            throw CommandException.usage(e.getMessage());
        }
    }

    private record Heard(String text, Duration audio) {}
}
