package dev.omniflow.speech.captions;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.speech.endpointing.Endpointer;
import dev.omniflow.speech.endpointing.EndpointingOptions;
import dev.omniflow.speech.endpointing.VoiceActivity;
import dev.omniflow.speech.features.AudioTrack;
import dev.omniflow.speech.state.ChannelState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * One channel of a session: its audio that is still needed, and where in it speech begins and ends.
 * Positions are samples. Not thread-safe.
 */
final class ChannelListener {
    /** A hole longer than this ends the speech before it, and listening begins anew behind it. */
    private static final long LONGEST_HOLE = 5 * 16_000;

    private final AudioTrack track = new AudioTrack();
    private final VoiceActivity voiceActivity;
    private final Endpointer endpointer;

    /** Which input brought the audio up to which sample, for the audio that is still needed. */
    private final Deque<Arrival> arrivals = new ArrayDeque<>();

    /** Where the audio of the arrivals begins. */
    private long forgotten;

    private long vadPosition;
    private long openUtterance = -1;

    private record Arrival(long index, long end) {}

    ChannelListener(
            GraphRef voiceActivityGraph,
            EndpointingOptions options,
            Optional<ChannelState> restored) {
        endpointer = new Endpointer(options);
        voiceActivity =
                new VoiceActivity(
                        voiceActivityGraph,
                        restored.map(state -> floats(state.getVadState())).orElse(new float[0]));
        restored.ifPresent(
                state -> {
                    forgotten = state.getForgotten();
                    track.extendTo(forgotten);
                    vadPosition = state.getVadPosition();
                    openUtterance = state.getOpenUtterance();
                    endpointer.restore(
                            new Endpointer.State(
                                    state.getSpeechBegin(),
                                    state.getPauseBegin(),
                                    state.getVoiced(),
                                    state.getBestPauseBegin(),
                                    state.getBestPauseEnd(),
                                    state.getQuietestAt(),
                                    state.getQuietest(),
                                    state.getFloor()));
                });
    }

    /** Sample after the last that came. */
    long end() {
        return track.end();
    }

    /** Whether speech is open. */
    boolean speaking() {
        return endpointer.speaking();
    }

    long openUtterance() {
        return openUtterance;
    }

    void open(long utterance) {
        openUtterance = utterance;
    }

    /** Puts the audio of an input on the track. */
    void put(long index, long begin, short[] samples) {
        track.put(begin, samples);
        arrived(index);
    }

    /**
     * Whether the track must begin anew to reach that sample: the hole before it is too long to
     * listen through.
     */
    boolean isTooFar(long sample) {
        return sample - track.end() > LONGEST_HOLE;
    }

    /** Silence up to that sample. */
    void extendTo(long index, long sample) {
        track.extendTo(sample);
        arrived(index);
    }

    /** Inputs that brought nothing new are not needed, so they are not noted either. */
    private void arrived(long index) {
        long known = arrivals.isEmpty() ? forgotten : arrivals.getLast().end();
        if (track.end() > known) {
            arrivals.add(new Arrival(index, track.end()));
        }
    }

    /**
     * Listening begins anew at the chunk in which that sample lies. What was open is finished
     * before.
     */
    void restartAt(long sample) {
        vadPosition = sample / Endpointer.CHUNK * Endpointer.CHUNK;
        voiceActivity.reset();
    }

    /** Whether a whole chunk waits for the voice activity model. */
    boolean hasChunk() {
        return track.end() - vadPosition >= Endpointer.CHUNK;
    }

    GraphCall nextChunk() {
        long from = vadPosition - VoiceActivity.CONTEXT;
        return voiceActivity.call(track.floats(from, vadPosition + Endpointer.CHUNK));
    }

    /** Takes the voice activity of the next chunk. */
    Endpointer.Step accept(GraphResult.Success result) {
        float probability = voiceActivity.accept(result);
        Endpointer.Step step = endpointer.accept(vadPosition, probability);
        vadPosition += Endpointer.CHUNK;
        return step;
    }

    /** Ends what is open, as the audio ends or breaks off. */
    Endpointer.Step finish() {
        return endpointer.finish(track.end());
    }

    /** Index of the input that completed the chunk before the present position. */
    long causeOfLastChunk() {
        for (Arrival arrival : arrivals) {
            if (arrival.end() >= vadPosition) {
                return arrival.index();
            }
        }
        throw new IllegalStateException("no input brought the audio up to sample " + vadPosition);
    }

    float[] audio(PendingSpeech speech) {
        return track.floats(speech.span().audioBegin(), speech.span().audioEnd());
    }

    /** First sample that is needed for what is open or not listened to yet. */
    long neededFrom() {
        return Math.min(endpointer.neededFrom(vadPosition), vadPosition - VoiceActivity.CONTEXT);
    }

    /**
     * Forgets audio before that sample; returns the first input that is still needed, or the one
     * given.
     */
    long forgetBefore(long sample, long otherwise) {
        track.forgetBefore(sample);
        while (!arrivals.isEmpty() && arrivals.getFirst().end() <= sample) {
            forgotten = arrivals.removeFirst().end();
        }
        return arrivals.isEmpty() ? otherwise : arrivals.getFirst().index();
    }

    ChannelState toState() {
        Endpointer.State state = endpointer.state();
        return ChannelState.newBuilder()
                .setEnd(track.end())
                .setForgotten(forgotten)
                .setVadPosition(vadPosition)
                .setVadState(bytes(voiceActivity.state()))
                .setOpenUtterance(openUtterance)
                .setSpeechBegin(state.speechBegin())
                .setPauseBegin(state.pauseBegin())
                .setVoiced(state.voiced())
                .setBestPauseBegin(state.bestPauseBegin())
                .setBestPauseEnd(state.bestPauseEnd())
                .setQuietestAt(state.quietestAt())
                .setQuietest(state.quietest())
                .setFloor(state.floor())
                .build();
    }

    private static float[] floats(ByteBuffer bytes) {
        FloatBuffer buffer = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] floats = new float[buffer.remaining()];
        buffer.get(floats);
        return floats;
    }

    private static ByteBuffer bytes(float[] floats) {
        ByteBuffer buffer =
                ByteBuffer.allocate(floats.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(floats);
        return buffer;
    }
}
