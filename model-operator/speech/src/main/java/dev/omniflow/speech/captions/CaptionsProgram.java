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
import dev.omniflow.speech.state.PendingFault;
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
 *
 * <p>An input that the session cannot go on with ends listening there: what was said before it is
 * still recognised, then comes the fault. So a fault takes nothing back, and what comes before it
 * does not depend on how far recognition was.
 */
final class CaptionsProgram implements SessionProgram<MediaEvent> {
    private static final String UNREADABLE_INPUT = "unreadable-input";
    private static final String GRAPH_FAILED = "graph-failed";

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
    private @Nullable PendingFault pendingFault;
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
        pendingFault = state.getFault();
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
            lay(input.index(), input.input());
        }
        for (int channel = 0; channel < channels.size(); channel++) {
            channels.get(channel).extendTo(accepted - 1, state.getChannels().get(channel).getEnd());
        }
    }

    /** Lays the audio of an input that was taken before on the tracks, just as it was laid then. */
    private void lay(long index, MediaEvent event) {
        Object payload = event.getPayload();
        if (payload instanceof SessionStart) {
            return;
        }
        long begin = Times.sample(event.getMediaTimeUs());
        for (ChannelListener listener : channels) {
            if (listener.isTooFar(begin)) {
                listener.extendTo(index, begin);
            }
        }
        if (payload instanceof AudioFrame frame && objection(frame).isEmpty()) {
            channels.get(frame.getChannel()).put(index, begin, samples(frame));
        } else if (payload instanceof Gap gap && objection(gap).isEmpty()) {
            extend(index, event, gap);
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
                        .setFault(pendingFault)
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
        } else {
            listenOn(index, event, payload);
        }
    }

    private void listenOn(long index, MediaEvent event, Object payload)
            throws SessionRefusedException {
        // Whatever comes tells that media time has come so far, also of channels that are silent.
        for (int channel = 0; channel < channels.size(); channel++) {
            bridge(index, channel, Times.sample(event.getMediaTimeUs()));
        }
        if (payload instanceof AudioFrame frame) {
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
        refuseIf(objection(frame));
        short[] samples = samples(frame);
        audioSamples += samples.length;
        channels.get(frame.getChannel()).put(index, Times.sample(event.getMediaTimeUs()), samples);
    }

    private static void refuseIf(Optional<String> objection) throws SessionRefusedException {
        if (objection.isPresent()) {
            throw new SessionRefusedException(UNREADABLE_INPUT, objection.get());
        }
    }

    /** Why the frame cannot be heard. */
    private Optional<String> objection(AudioFrame frame) {
        if (frame.getEncoding() != AudioEncoding.PCM_S16LE
                || frame.getSampleRate() != LogMel.SAMPLE_RATE) {
            return Optional.of(
                    "expected audio as PCM_S16LE at "
                            + LogMel.SAMPLE_RATE
                            + " Hz, but "
                            + frame.getEncoding()
                            + " at "
                            + frame.getSampleRate()
                            + " Hz came");
        }
        if (frame.getChannel() < 0 || frame.getChannel() >= channels.size()) {
            return Optional.of(
                    "expected a channel from 0 to "
                            + (channels.size() - 1)
                            + ", not "
                            + frame.getChannel());
        }
        if (frame.getData().remaining() % Short.BYTES != 0) {
            return Optional.of(
                    "expected whole 16 bit samples, but a frame of "
                            + frame.getData().remaining()
                            + " bytes came");
        }
        return Optional.empty();
    }

    /** Why the gap makes no sense. */
    private Optional<String> objection(Gap gap) {
        if (gap.getDurationUs() < 0
                || gap.getChannel() < -1
                || gap.getChannel() >= channels.size()) {
            return Optional.of(
                    "expected a gap of a length >= 0 on a channel from -1 to "
                            + (channels.size() - 1)
                            + ", not "
                            + gap.getDurationUs()
                            + " us on "
                            + gap.getChannel());
        }
        return Optional.empty();
    }

    private static short[] samples(AudioFrame frame) {
        short[] samples = new short[frame.getData().remaining() / Short.BYTES];
        frame.getData().duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return samples;
    }

    private void skip(long index, MediaEvent event, Gap gap) throws SessionRefusedException {
        refuseIf(objection(gap));
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
        giveUp(index, refusal.code(), String.valueOf(refusal.getMessage()));
    }

    /** Listens no further; the session ends with a fault when all before it is recognised. */
    private void giveUp(long index, String code, String message) {
        finishSpeech(index);
        pendingFault = new PendingFault(code, message);
        endIndex = index;
        proceed();
    }

    // ---- calls
    // ----------------------------------------------------------------------------------------------------

    @Override
    @SuppressWarnings("ReferenceEquality") // the very call that was asked for, not one like it
    public void complete(GraphCall call, GraphResult result) {
        if (ended) {
            return;
        }
        if (call == listeningCall) {
            listeningCall = null;
            if (result instanceof GraphResult.Success success) {
                listened(success);
            } else {
                giveUp(accepted - 1, GRAPH_FAILED, reason(result));
                return;
            }
        } else if (call == recognitionCall) {
            recognitionCall = null;
            if (result instanceof GraphResult.Success success) {
                recognised(success);
            } else {
                failRecognition(reason(result));
                return;
            }
        } else {
            throw new IllegalStateException(
                    "a result came for a call to " + call.graph() + " that nobody awaits");
        }
        proceed();
    }

    /** Captions may not be left out, so the session ends with the first that cannot be made. */
    private void failRecognition(String reason) {
        PendingSpeech speech = queue.getFirst();
        long at = Times.microseconds(speech.span().end());
        outputs.fault(speech.cause(), at, GRAPH_FAILED, reason);
        end(speech.cause());
    }

    private static String reason(GraphResult result) {
        return result instanceof GraphResult.Failure failure
                ? failure.reason()
                : "the device was lost";
    }

    /** Asks for what can be asked for now; ends the session if nothing is left to do. */
    private void proceed() {
        if (ended) {
            return;
        }
        listen();
        recognise();
        if (endIndex >= 0 && queue.isEmpty() && listeningCall == null) {
            PendingFault fault = pendingFault;
            if (fault != null) {
                outputs.fault(endIndex, mediaTimeUs, fault.getCode(), fault.getMessage());
            }
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
