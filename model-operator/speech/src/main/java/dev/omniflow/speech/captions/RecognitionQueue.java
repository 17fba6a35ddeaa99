package dev.omniflow.speech.captions;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.speech.features.LogMel;
import dev.omniflow.speech.whisper.LanguageEvidence;
import dev.omniflow.speech.whisper.RecognitionOptions;
import dev.omniflow.speech.whisper.Transcript;
import dev.omniflow.speech.whisper.WhisperModel;
import dev.omniflow.speech.whisper.WhisperRecognizer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The utterances of a session that wait to be recognised, the first of them under way: one call at
 * a time, from its audio to its transcript. What was recognised bears on what comes next only
 * through the evidence of the language.
 *
 * <p>Not thread-safe.
 */
final class RecognitionQueue implements AutoCloseable {
    private final LogMel logMel;
    private final Supplier<GraphCache> caches;
    private final Function<PendingSpeech, float[]> audio;
    private final Deque<PendingSpeech> waiting = new ArrayDeque<>();
    private LanguageEvidence languages = LanguageEvidence.none();
    private long tokensRead;
    private long tokensWritten;
    private @Nullable WhisperRecognizer recognizer;
    private @Nullable GraphCall call;

    /** An utterance with what was said in it. */
    record Recognised(PendingSpeech speech, Transcript transcript) {}

    /**
     * @param logMel scratch memory of the thread
     * @param caches opens an empty cache for an utterance
     * @param audio the samples of an utterance
     */
    RecognitionQueue(
            LogMel logMel, Supplier<GraphCache> caches, Function<PendingSpeech, float[]> audio) {
        this.logMel = logMel;
        this.caches = caches;
        this.audio = audio;
    }

    /** Goes on from a state. */
    void restore(
            Collection<PendingSpeech> utterances,
            LanguageEvidence evidence,
            long alreadyRead,
            long alreadyWritten) {
        waiting.addAll(utterances);
        languages = evidence;
        tokensRead = alreadyRead;
        tokensWritten = alreadyWritten;
    }

    void add(PendingSpeech speech) {
        waiting.add(speech);
    }

    /** Utterances that are not recognised yet, in order. */
    Collection<PendingSpeech> waiting() {
        return waiting;
    }

    /** The utterance under way. */
    PendingSpeech first() {
        return waiting.getFirst();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    LanguageEvidence languages() {
        return languages;
    }

    long tokensRead() {
        return tokensRead;
    }

    long tokensWritten() {
        return tokensWritten;
    }

    /** The call to make now; empty if one is in flight or nothing waits. */
    Optional<GraphCall> nextCall(Supplier<WhisperModel> model, RecognitionOptions options) {
        if (waiting.isEmpty() || call != null) {
            return Optional.empty();
        }
        if (recognizer == null) {
            recognizer =
                    new WhisperRecognizer(
                            model.get(),
                            options,
                            caches.get(),
                            audio.apply(waiting.getFirst()),
                            languages);
        }
        call = recognizer.nextCall(logMel);
        return Optional.of(call);
    }

    /** Whether it awaits the result of that very call. */
    @SuppressWarnings("ReferenceEquality") // the very call that was asked for, not one like it
    boolean awaits(GraphCall returned) {
        return returned == call;
    }

    /** Takes the result of its call; an utterance if that was its last. */
    Optional<Recognised> accept(GraphResult.Success result) {
        WhisperRecognizer running = recognizer;
        if (running == null) {
            throw new IllegalStateException("a result came, but no utterance is being recognised");
        }
        call = null;
        running.accept(result);
        if (!running.done()) {
            return Optional.empty();
        }
        Transcript transcript = running.transcript();
        languages = running.evidence();
        tokensRead += transcript.tokensRead();
        tokensWritten += transcript.tokensWritten();
        close();
        return Optional.of(new Recognised(waiting.removeFirst(), transcript));
    }

    /** Frees the cache of the utterance under way. */
    @Override
    public void close() {
        if (recognizer != null) {
            recognizer.close();
            recognizer = null;
        }
    }
}
