package dev.omniflow.speech.captions;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.schedule.CallClass;
import dev.omniflow.core.schedule.Priority;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
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
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
    private final CaptionOutputs outputs;
    private final List<ChannelListener> channels = new ArrayList<>();
    private final RecognitionQueue queue;

    private @Nullable MediaEvent start;
    private @Nullable CaptionModels models;
    private RecognitionOptions recognition =
            new RecognitionOptions(Optional.empty(), "", List.of());
    private long accepted;
    private long nextUtterance;
    private long audioSamples;
    private long speechSamples;
    private long mediaTimeUs;
    private long endIndex = -1;
    private @Nullable PendingFault pendingFault;
    private boolean ended;
    private @Nullable Lost lost;
    private CallClass callClass = CallClass.DEFAULT;

    /** A state that cannot go on, and why. */
    private record Lost(CaptionsState state, SessionRefusedException reason) {}

    private @Nullable GraphCall listeningCall;
    private int listeningChannel = -1;

    CaptionsProgram(
            SessionContext<OutputEvent> context, CaptionsProgramFactory factory, LogMel logMel) {
        this.context = context;
        this.factory = factory;
        outputs = new CaptionOutputs(context);
        queue =
                new RecognitionQueue(
                        logMel,
                        context::newCache,
                        speech -> channels.get(speech.channel()).audio(speech));
    }

    // ---- state
    // ----------------------------------------------------------------------------------------------------

    /** Goes on from a state. */
    void restore(CaptionsState state, List<IndexedInput<MediaEvent>> retained) {
        accepted = state.getAccepted();
        nextUtterance = state.getNextUtterance();
        audioSamples = state.getAudioSamples();
        speechSamples = state.getSpeechSamples();
        mediaTimeUs = state.getMediaTimeUs();
        endIndex = state.getEndIndex();
        pendingFault = state.getFault();
        outputs.restoreCounts(state.getOutputs());
        queue.restore(
                state.getQueue().stream().map(PendingSpeech::of).toList(),
                new LanguageEvidence(state.getLanguages()),
                state.getTokensRead(),
                state.getTokensWritten());
        if (state.getStart() == null) {
            return;
        }
        MediaEvent event = decodeStart(state.getStart());
        try {
            configure(event, (SessionStart) event.getPayload(), state);
        } catch (SessionRefusedException e) {
            // Its models are gone. That is its own fault to bear, not that of its neighbours.
            outputs.identify(event.getSession(), event.getTenant(), "");
            lost = new Lost(state, e);
            return;
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
        if (payload instanceof AudioFrame frame
                && AudioRules.objection(frame, channels.size()).isEmpty()) {
            channels.get(frame.getChannel()).put(index, begin, AudioRules.samples(frame));
        } else if (payload instanceof Gap gap
                && AudioRules.objection(gap, channels.size()).isEmpty()) {
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
        if (lost != null) {
            return CaptionsStateCodec.encode(lost.state());
        }
        return CaptionsStateCodec.encode(
                CaptionsState.newBuilder()
                        .setStart(
                                start == null
                                        ? null
                                        : ByteBuffer.wrap(EventCodec.MEDIA.encode(start)))
                        .setChannels(channels.stream().map(ChannelListener::toState).toList())
                        .setQueue(queue.waiting().stream().map(PendingSpeech::toState).toList())
                        .setAccepted(accepted)
                        .setNextUtterance(nextUtterance)
                        .setOutputs(outputs.counts())
                        .setLanguages(queue.languages().scores())
                        .setAudioSamples(audioSamples)
                        .setSpeechSamples(speechSamples)
                        .setTokensRead(queue.tokensRead())
                        .setTokensWritten(queue.tokensWritten())
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
        for (PendingSpeech speech : queue.waiting()) {
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
            settled = Math.min(settled, queue.first().cause());
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
        if (lost == null) {
            proceed();
        } else if (settledBefore() < accepted) {
            giveUp(settledBefore(), lost.reason());
        }
    }

    /** Ends a session whose state cannot go on. */
    private void giveUp(long cause, SessionRefusedException reason) {
        lost = null;
        outputs.fault(cause, mediaTimeUs, reason.code(), reason.getMessage());
        end(cause);
    }

    @Override
    public boolean ready() {
        return !ended
                && endIndex < 0
                && listeningCall == null
                && queue.waiting().size() <= factory.options().maxQueuedUtterances();
    }

    @Override
    public void accept(long index, MediaEvent event) {
        if (index != accepted) {
            throw new IllegalStateException(
                    "expected input " + accepted + ", but input " + index + " came");
        }
        accepted++;
        mediaTimeUs = Math.max(mediaTimeUs, event.getMediaTimeUs());
        if (lost != null) {
            giveUp(index, lost.reason());
            return;
        }
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
        callClass = new CallClass(event.getTenant(), urgency(opening));
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

    private static Priority urgency(SessionStart opening) {
        return switch (opening.getUrgency()) {
            case INTERACTIVE -> Priority.INTERACTIVE;
            case LIVE -> Priority.LIVE;
            case BACKGROUND -> Priority.BACKGROUND;
        };
    }

    private void hear(long index, MediaEvent event, AudioFrame frame)
            throws SessionRefusedException {
        refuseIf(AudioRules.objection(frame, channels.size()));
        short[] samples = AudioRules.samples(frame);
        audioSamples += samples.length;
        channels.get(frame.getChannel()).put(index, Times.sample(event.getMediaTimeUs()), samples);
    }

    private static void refuseIf(Optional<String> objection) throws SessionRefusedException {
        if (objection.isPresent()) {
            throw new SessionRefusedException(UNREADABLE_INPUT, objection.get());
        }
    }

    private void skip(long index, MediaEvent event, Gap gap) throws SessionRefusedException {
        refuseIf(AudioRules.objection(gap, channels.size()));
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
        } else if (queue.awaits(call)) {
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
        PendingSpeech speech = queue.first();
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
                context.call(listeningCall, callClass);
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
        queue.nextCall(() -> models().recognition(), recognition)
                .ifPresent(call -> context.call(call, callClass));
    }

    private void recognised(GraphResult.Success result) {
        queue.accept(result)
                .filter(recognised -> !recognised.transcript().text().isEmpty())
                .ifPresent(said -> outputs.caption(said.speech(), said.transcript()));
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
                        .setTokensIn(queue.tokensRead())
                        .setTokensOut(queue.tokensWritten())
                        .setAudioOutUs(0)
                        .setFramesIn(0)
                        .build());
        ended = true;
        close();
    }

    @Override
    public void close() {
        queue.close();
        if (models != null) {
            models.close();
            models = null;
        }
    }
}
