package dev.omniflow.speech.captions;

import dev.omniflow.core.session.SessionContext;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Fault;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.TurnEvent;
import dev.omniflow.schemas.TurnKind;
import dev.omniflow.schemas.Usage;
import dev.omniflow.schemas.Word;
import dev.omniflow.speech.whisper.Transcript;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers and writes the outputs of one session. The time of emission is left to whoever puts them
 * on the wire.
 */
final class CaptionOutputs {
    /** The streams of a captions session, in the order in which they end. */
    private static final List<Stream> STREAMS =
            List.of(Stream.TURNS, Stream.USAGE, Stream.CAPTIONS);

    private final SessionContext<OutputEvent> context;
    private final Map<Stream, Long> counts = new EnumMap<>(Stream.class);
    private String session = "";
    private String tenant = "";
    private String model = "";

    CaptionOutputs(SessionContext<OutputEvent> context) {
        this.context = context;
    }

    void identify(String session, String tenant, String model) {
        this.session = session;
        this.tenant = tenant;
        this.model = model;
    }

    /** Outputs so far by stream name. */
    Map<String, Long> counts() {
        Map<String, Long> byName = new java.util.TreeMap<>();
        counts.forEach((stream, count) -> byName.put(stream.name(), count));
        return byName;
    }

    void restoreCounts(Map<String, Long> byName) {
        byName.forEach((name, count) -> counts.put(Stream.valueOf(name), count));
    }

    void turn(long cause, TurnKind kind, long utterance, int channel, long sample) {
        long at = Times.microseconds(sample);
        emit(cause, Stream.TURNS, at, at, new TurnEvent(kind, utterance, channel));
    }

    void caption(PendingSpeech speech, Transcript transcript) {
        long startUs = Times.microseconds(speech.span().begin());
        long endUs = Times.microseconds(speech.span().end());
        long origin = Times.microseconds(speech.span().audioBegin());
        List<Word> words = new ArrayList<>();
        for (Transcript.TimedWord word : transcript.words()) {
            // The padding around the speech belongs to no word, though attention may lie on it.
            words.add(
                    new Word(
                            word.text(),
                            Math.min(Math.max(origin + word.beginMs() * 1000L, startUs), endUs),
                            Math.min(Math.max(origin + word.endMs() * 1000L, startUs), endUs),
                            word.confidence()));
        }
        Caption caption =
                Caption.newBuilder()
                        .setFinality(Finality.FINAL)
                        .setUtterance(speech.utterance())
                        .setText(transcript.text())
                        .setWords(words)
                        .setLanguage(transcript.language())
                        .setChannel(speech.channel())
                        .setConfidence(transcript.confidence())
                        .build();
        emit(speech.cause(), Stream.CAPTIONS, startUs, endUs, caption);
    }

    void fault(long cause, long mediaTimeUs, String code, String message) {
        emit(cause, Stream.CAPTIONS, mediaTimeUs, mediaTimeUs, new Fault(code, message));
    }

    /** The last record of every stream. */
    void end(long cause, long mediaTimeUs, Usage usage) {
        emit(cause, Stream.USAGE, 0, mediaTimeUs, usage);
        for (Stream stream : STREAMS) {
            long count = counts.getOrDefault(stream, 0L);
            emit(cause, stream, mediaTimeUs, mediaTimeUs, new StreamEnd(count));
        }
    }

    private void emit(long cause, Stream stream, long startUs, long endUs, Object payload) {
        long sequence = counts.merge(stream, 1L, Long::sum) - 1;
        context.emit(
                cause,
                OutputEvent.newBuilder()
                        .setSession(session)
                        .setTenant(tenant)
                        .setStream(stream)
                        .setSequence(sequence)
                        .setStartUs(startUs)
                        .setEndUs(endUs)
                        .setModel(model)
                        .setEmittedTimeUs(0)
                        .setPayload(payload)
                        .build());
    }
}
