package dev.omniflow.speech.captions;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.schemas.AudioEncoding;
import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.Control;
import dev.omniflow.schemas.ControlAction;
import dev.omniflow.schemas.Gap;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionEnd;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.TurnKind;
import dev.omniflow.schemas.Usage;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import dev.omniflow.speech.endpointing.Endpointer;
import dev.omniflow.speech.endpointing.EndpointingOptions;
import dev.omniflow.speech.features.LogMel;
import dev.omniflow.speech.state.CaptionsState;
import dev.omniflow.speech.whisper.LanguageEvidence;
import dev.omniflow.speech.whisper.RecognitionOptions;
import dev.omniflow.speech.whisper.Transcript;
import dev.omniflow.speech.whisper.WhisperRecognizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns the audio of a session into captions. Two things go on side by side, each one call at a
 * time:
 *
 * <ul>
 *   <li><b>listening</b>: voice activity, chunk by chunk in the order of the log, cuts utterances
 *       and queues them;
 *   <li><b>recognising</b>: the first utterance of the queue becomes a caption, then the next.
 * </ul>
 *
 * Recognition depends on the queue alone, and listening on the log alone, so captions do not depend
 * on which of them is ahead. Audio is kept until no utterance can need it; a caption carries the
 * time of the input that ended its utterance.
 */
final class CaptionsProgram implements SessionProgram<MediaEvent> {
    private static final String UNREADABLE_INPUT = "unreadable-input";

    private final SessionContext<OutputEvent> context;
    private final CaptionsProgramFactory factory;
    private final LogMel logMel;
    private final CaptionOutputs outputs;
    private final List<ChannelListener> channels = new ArrayList<>();
    private final Deque<PendingSpeech> queue = new ArrayDeque<>();

    private @Nullable MediaEvent start;
    private @Nullable CaptionModels models;
    private RecognitionOptions recognition =
            new RecognitionOptions(Optional.empty(), "", List.of());
    private LanguageEvidence languages = LanguageEvidence.none();
    private long accepted;
    private long nextUtterance;
    private long audioSamples;
    private long speechSamples;
    private long tokensRead;
    private long tokensWritten;
    private long mediaTimeUs;
    private long endIndex = -1;
    private boolean ended;

    private @Nullable WhisperRecognizer recognizer;
    private @Nullable GraphCall recognitionCall;
    private @Nullable GraphCall listeningCall;
    private int listeningChannel = -1;

    CaptionsProgram(
            SessionContext<OutputEvent> context, CaptionsProgramFactory factory, LogMel logMel) {
        this.context = context;
        this.factory = factory;
        this.logMel = logMel;
        outputs = new CaptionOutputs(context);
    }

    // ---- state
    // ----------------------------------------------------------------------------------------------------

    /** Goes on from a state. */
    void restore(CaptionsState state, List<IndexedInput<MediaEvent>> retained) {
        accepted = state.getAccepted();
        nextUtterance = state.getNextUtterance();
        audioSamples = state.getAudioSamples();
        speechSamples = state.getSpeechSamples();
        tokensRead = state.getTokensRead();
        tokensWritten = state.getTokensWritten();
        mediaTimeUs = state.getMediaTimeUs();
        endIndex = state.getEndIndex();
        languages = new LanguageEvidence(state.getLanguages());
        outputs.restoreCounts(state.getOutputs());
        state.getQueue().forEach(stored -> queue.add(PendingSpeech.of(stored)));
        if (state.getStart() == null) {
            return;
        }
        MediaEvent event = decodeStart(state.getStart());
        try {
            configure(event, (SessionStart) event.getPayload(), state);
        } catch (SessionRefusedException e) {
            throw new IllegalStateException(
                    "session "
                            + event.getSession()
                            + " cannot go on after the restore: "
                            + e.getMessage(),
                    e);
        }
        for (IndexedInput<MediaEvent> input : retained) {
            Object payload = input.input().getPayload();
            if (payload instanceof AudioFrame frame) {
                channels.get(frame.getChannel())
                        .put(
                                input.index(),
                                Times.sample(input.input().getMediaTimeUs()),
                                samples(frame));
            } else if (payload instanceof Gap gap) {
                extend(input.index(), input.input(), gap);
            }
        }
        for (int channel = 0; channel < channels.size(); channel++) {
            channels.get(channel).extendTo(accepted - 1, state.getChannels().get(channel).getEnd());
        }
    }

    private static MediaEvent decodeStart(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        try {
            return EventCodec.MEDIA.decode(array);
        } catch (UnreadableEventException e) {
            throw new IllegalStateException("the session's start in its state is not readable", e);
        }
    }

    @Override
    public byte[] snapshot() {
        return CaptionsStateCodec.encode(
                CaptionsState.newBuilder()
                        .setStart(
                                start == null
                                        ? null
                                        : ByteBuffer.wrap(EventCodec.MEDIA.encode(start)))
                        .setChannels(channels.stream().map(ChannelListener::toState).toList())
                        .setQueue(queue.stream().map(PendingSpeech::toState).toList())
                        .setAccepted(accepted)
                        .setNextUtterance(nextUtterance)
                        .setOutputs(outputs.counts())
                        .setLanguages(languages.scores())
                        .setAudioSamples(audioSamples)
                        .setSpeechSamples(speechSamples)
                        .setTokensRead(tokensRead)
                        .setTokensWritten(tokensWritten)
                        .setMediaTimeUs(mediaTimeUs)
                        .setEndIndex(endIndex)
                        .build());
    }

    @Override
    public long retainFrom() {
        long from = accepted;
        for (int channel = 0; channel < channels.size(); channel++) {
            ChannelListener listener = channels.get(channel);
            from = Math.min(from, listener.forgetBefore(neededFrom(channel), accepted));
        }
        return from;
    }

    private long neededFrom(int channel) {
        long from = channels.get(channel).neededFrom();
        for (PendingSpeech speech : queue) {
            if (speech.channel() == channel) {
                from = Math.min(from, speech.span().audioBegin());
            }
        }
        return from;
    }

    @Override
    public long settledBefore() {
        long settled = accepted;
        if (listeningCall != null) {
            settled = Math.min(settled, accepted - 1);
        }
        if (!queue.isEmpty()) {
            settled = Math.min(settled, queue.getFirst().cause());
        }
        if (endIndex >= 0 && !ended) {
            settled = Math.min(settled, endIndex);
        }
        return settled;
    }

    @Override
    public boolean ended() {
        return ended;
    }

    // ---- inputs
    // ---------------------------------------------------------------------------------------------------

    @Override
    public void resume() {
        proceed();
    }

    @Override
    public boolean ready() {
        return !ended
                && endIndex < 0
                && listeningCall == null
                && queue.size() <= factory.options().maxQueuedUtterances();
    }

    @Override
    public void accept(long index, MediaEvent event) {
        if (index != accepted) {
            throw new IllegalStateException(
                    "expected input " + accepted + ", but input " + index + " came");
        }
        accepted++;
        mediaTimeUs = Math.max(mediaTimeUs, event.getMediaTimeUs());
        try {
            dispatch(index, event);
        } catch (SessionRefusedException e) {
            refuse(index, event, e);
            return;
        }
        proceed();
    }

    private void dispatch(long index, MediaEvent event) throws SessionRefusedException {
        Object payload = event.getPayload();
        if (payload instanceof SessionStart opening) {
            if (start != null) {
                throw new SessionRefusedException(
                        "repeated-start", "expected one SessionStart, but a second one came");
            }
            configure(event, opening, null);
        } else if (start == null) {
            throw new SessionRefusedException(
                    "missing-start",
                    "expected a SessionStart as the first event, but "
                            + payload.getClass().getSimpleName()
                            + " came");
        } else if (payload instanceof AudioFrame frame) {
            hear(index, event, frame);
        } else if (payload instanceof Gap gap) {
            skip(index, event, gap);
        } else if (payload instanceof Control control
                && control.getAction() == ControlAction.COMMIT) {
            finishSpeech(index);
        } else if (payload instanceof SessionEnd) {
            finishSpeech(index);
            endIndex = index;
        }
        // Ticks, text, pictures and other controls mean nothing to captions.
    }

    private void configure(MediaEvent event, SessionStart opening, @Nullable CaptionsState restored)
            throws SessionRefusedException {
        if (opening.getChannels() < 1 || opening.getChannels() > 16) {
            throw new SessionRefusedException(
                    UNREADABLE_INPUT, "expected 1 to 16 channels, not " + opening.getChannels());
        }
        CaptionModels resolved = factory.models(opening);
        models = resolved;
        start = event;
        outputs.identify(event.getSession(), event.getTenant(), resolved.label());
        recognition =
                new RecognitionOptions(
                        Optional.ofNullable(opening.getLanguage()),
                        opening.getPrompt(),
                        opening.getVocabulary());
        EndpointingOptions endpointing = factory.endpointing(opening);
        for (int channel = 0; channel < opening.getChannels(); channel++) {
            channels.add(
                    new ChannelListener(
                            resolved.voiceActivity(),
                            endpointing,
                            restored == null
                                    ? Optional.empty()
                                    : Optional.of(restored.getChannels().get(channel))));
        }
    }

    private void hear(long index, MediaEvent event, AudioFrame frame)
            throws SessionRefusedException {
        if (frame.getEncoding() != AudioEncoding.PCM_S16LE
                || frame.getSampleRate() != LogMel.SAMPLE_RATE) {
            throw new SessionRefusedException(
                    UNREADABLE_INPUT,
                    "expected audio as PCM_S16LE at "
                            + LogMel.SAMPLE_RATE
                            + " Hz, but "
                            + frame.getEncoding()
                            + " at "
                            + frame.getSampleRate()
                            + " Hz came");
        }
        if (frame.getChannel() < 0 || frame.getChannel() >= channels.size()) {
            throw new SessionRefusedException(
                    UNREADABLE_INPUT,
                    "expected a channel from 0 to "
                            + (channels.size() - 1)
                            + ", not "
                            + frame.getChannel());
        }
        if (frame.getData().remaining() % Short.BYTES != 0) {
            throw new SessionRefusedException(
                    UNREADABLE_INPUT,
                    "expected whole 16 bit samples, but a frame of "
                            + frame.getData().remaining()
                            + " bytes came");
        }
        ChannelListener listener = channels.get(frame.getChannel());
        long begin = Times.sample(event.getMediaTimeUs());
        bridge(index, frame.getChannel(), begin);
        short[] samples = samples(frame);
        audioSamples += samples.length;
        listener.put(index, begin, samples);
    }

    private static short[] samples(AudioFrame frame) {
        short[] samples = new short[frame.getData().remaining() / Short.BYTES];
        frame.getData().duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return samples;
    }

    private void skip(long index, MediaEvent event, Gap gap) throws SessionRefusedException {
        if (gap.getDurationUs() < 0
                || gap.getChannel() < -1
                || gap.getChannel() >= channels.size()) {
            throw new SessionRefusedException(
                    UNREADABLE_INPUT,
                    "expected a gap of a length >= 0 on a channel from -1 to "
                            + (channels.size() - 1)
                            + ", not "
                            + gap.getDurationUs()
                            + " us on "
                            + gap.getChannel());
        }
        long end = Times.sample(event.getMediaTimeUs() + gap.getDurationUs());
        for (int channel = 0; channel < channels.size(); channel++) {
            if (gap.getChannel() < 0 || gap.getChannel() == channel) {
                bridge(index, channel, end);
            }
        }
        extend(index, event, gap);
    }

    private void extend(long index, MediaEvent event, Gap gap) {
        long end = Times.sample(event.getMediaTimeUs() + gap.getDurationUs());
        for (int channel = 0; channel < channels.size(); channel++) {
            if (gap.getChannel() < 0 || gap.getChannel() == channel) {
                channels.get(channel).extendTo(index, end);
            }
        }
    }

    /** Makes sure that nobody has to listen through a long hole: what is open ends before it. */
    private void bridge(long index, int channel, long sample) {
        ChannelListener listener = channels.get(channel);
        if (listener.isTooFar(sample)) {
            follow(index, channel, listener.finish());
            listener.extendTo(index, sample);
            listener.restartAt(sample);
        }
    }

    private void finishSpeech(long index) {
        for (int channel = 0; channel < channels.size(); channel++) {
            follow(index, channel, channels.get(channel).finish());
        }
    }

    private void refuse(long index, MediaEvent event, SessionRefusedException refusal) {
        outputs.identify(
                event.getSession(), event.getTenant(), models == null ? "" : models.label());
        fail(index, refusal.code(), String.valueOf(refusal.getMessage()));
    }

    private void fail(long cause, String code, String message) {
        outputs.fault(cause, mediaTimeUs, code, message);
        end(cause);
    }

    // ---- calls
    // ----------------------------------------------------------------------------------------------------

    @Override
    @SuppressWarnings("ReferenceEquality") // the very call that was asked for, not one like it
    public void complete(GraphCall call, GraphResult result) {
        if (ended) {
            return;
        }
        if (!(result instanceof GraphResult.Success success)) {
            fail(accepted - 1, "graph-failed", reason(result));
            return;
        }
        if (call == listeningCall) {
            listened(success);
        } else if (call == recognitionCall) {
            recognised(success);
        } else {
            throw new IllegalStateException(
                    "a result came for a call to " + call.graph() + " that nobody awaits");
        }
        proceed();
    }

    private static String reason(GraphResult result) {
        return result instanceof GraphResult.Failure failure
                ? failure.reason()
                : "the device was lost";
    }

    /** Asks for what can be asked for now; ends the session if nothing is left to do. */
    private void proceed() {
        if (ended || start == null) {
            return;
        }
        listen();
        recognise();
        if (endIndex >= 0 && queue.isEmpty() && listeningCall == null) {
            end(endIndex);
        }
    }

    private void listen() {
        if (listeningCall != null || endIndex >= 0) {
            return;
        }
        for (int channel = 0; channel < channels.size(); channel++) {
            if (channels.get(channel).hasChunk()) {
                listeningChannel = channel;
                listeningCall = channels.get(channel).nextChunk();
                context.call(listeningCall);
                return;
            }
        }
    }

    private void listened(GraphResult.Success result) {
        ChannelListener listener = channels.get(listeningChannel);
        Endpointer.Step step = listener.accept(result);
        listeningCall = null;
        follow(listener.causeOfLastChunk(), listeningChannel, step);
    }

    private void follow(long cause, int channel, Endpointer.Step step) {
        ChannelListener listener = channels.get(channel);
        step.speechStarted()
                .ifPresent(
                        sample -> {
                            listener.open(nextUtterance++);
                            outputs.turn(
                                    cause,
                                    TurnKind.SPEECH_STARTED,
                                    listener.openUtterance(),
                                    channel,
                                    sample);
                        });
        step.utterance()
                .ifPresent(
                        span -> {
                            queue.add(
                                    new PendingSpeech(
                                            listener.openUtterance(), channel, span, cause));
                            speechSamples += span.end() - span.begin();
                        });
        step.speechEnded()
                .ifPresent(
                        sample -> {
                            outputs.turn(
                                    cause,
                                    TurnKind.SPEECH_STOPPED,
                                    listener.openUtterance(),
                                    channel,
                                    sample);
                            if (listener.speaking()) {
                                // Cut because it was too long: what follows is the next utterance.
                                listener.open(nextUtterance++);
                                outputs.turn(
                                        cause,
                                        TurnKind.SPEECH_STARTED,
                                        listener.openUtterance(),
                                        channel,
                                        sample);
                            }
                        });
    }

    private void recognise() {
        if (queue.isEmpty() || recognitionCall != null) {
            return;
        }
        if (recognizer == null) {
            PendingSpeech speech = queue.getFirst();
            recognizer =
                    new WhisperRecognizer(
                            models().recognition(),
                            recognition,
                            context.newCache(),
                            channels.get(speech.channel()).audio(speech),
                            languages);
        }
        recognitionCall = recognizer.nextCall(logMel);
        context.call(recognitionCall);
    }

    private void recognised(GraphResult.Success result) {
        recognitionCall = null;
        WhisperRecognizer running = recognizer;
        if (running == null) {
            throw new IllegalStateException("a result came, but no utterance is being recognised");
        }
        running.accept(result);
        if (!running.done()) {
            return;
        }
        Transcript transcript = running.transcript();
        languages = running.evidence();
        tokensRead += transcript.tokensRead();
        tokensWritten += transcript.tokensWritten();
        running.close();
        recognizer = null;
        PendingSpeech speech = queue.removeFirst();
        if (!transcript.text().isEmpty()) {
            outputs.caption(speech, transcript);
        }
    }

    private CaptionModels models() {
        CaptionModels present = models;
        if (present == null) {
            throw new IllegalStateException("the session has not started");
        }
        return present;
    }

    private void end(long cause) {
        outputs.end(
                cause,
                mediaTimeUs,
                Usage.newBuilder()
                        .setAudioInUs(Times.microseconds(audioSamples))
                        .setSpeechInUs(Times.microseconds(speechSamples))
                        .setTokensIn(tokensRead)
                        .setTokensOut(tokensWritten)
                        .setAudioOutUs(0)
                        .setFramesIn(0)
                        .build());
        ended = true;
        close();
    }

    @Override
    public void close() {
        if (recognizer != null) {
            recognizer.close();
            recognizer = null;
        }
    }
}
