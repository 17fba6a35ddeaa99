package dev.omniflow.speech.endpointing;

import java.util.Optional;

/**
 * Cuts a channel into utterances from the voice activity of its chunks, as a state machine over
 * media time:
 *
 * <pre>
 * SILENCE --probability >= start--> SPEECH --probability < stop--> PAUSE --long enough--> utterance, SILENCE
 *                                     ^------probability >= start----'
 * SPEECH or PAUSE --longer than the limit--> utterance up to the best pause; SPEECH from there on
 * </pre>
 *
 * Decisions depend on the chunks alone. Not thread-safe; {@link #state} and {@link #restore} make
 * it durable.
 */
public final class Endpointer {
    /** Samples of one chunk: 32 ms at 16 kHz. */
    public static final int CHUNK = 512;

    private static final int SAMPLES_PER_MS = 16;

    private final EndpointingOptions options;
    private State state = State.INITIAL;

    public Endpointer(EndpointingOptions options) {
        this.options = options;
    }

    /**
     * Where it stands.
     *
     * @param speechBegin first sample of the speech that is open; -1 in silence
     * @param pauseBegin first sample of the pause that is open; -1 without one
     * @param voiced samples of the open speech that were voiced
     * @param bestPauseBegin begin of the longest pause within the open speech that could cut it; -1
     *     without one
     * @param bestPauseEnd end of that pause
     * @param quietestAt middle of the least voiced chunk so far, for speech without any pause
     * @param quietest its probability
     * @param floor audio before this sample belongs to an earlier utterance
     */
    public record State(
            long speechBegin,
            long pauseBegin,
            long voiced,
            long bestPauseBegin,
            long bestPauseEnd,
            long quietestAt,
            float quietest,
            long floor) {
        /** No speech is open, and none was. */
        public static final State INITIAL = silent(0);

        static State silent(long floor) {
            return new State(-1, -1, 0, -1, -1, -1, 1, floor);
        }

        static State speechFrom(long begin, long voiced, long floor) {
            return new State(begin, -1, voiced, -1, -1, -1, 1, floor);
        }

        private State withPauseBegin(long begin) {
            return new State(
                    speechBegin,
                    begin,
                    voiced,
                    bestPauseBegin,
                    bestPauseEnd,
                    quietestAt,
                    quietest,
                    floor);
        }
    }

    /**
     * What a chunk brought about.
     *
     * @param speechStarted first sample of speech that began
     * @param speechEnded sample after the last of speech that ended
     * @param utterance that speech, if it was long enough to be one
     */
    public record Step(
            Optional<Long> speechStarted,
            Optional<Long> speechEnded,
            Optional<Utterance> utterance) {
        static final Step NOTHING = new Step(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Speech that ended.
     *
     * @param begin first sample of the speech
     * @param end sample after its last
     * @param audioBegin first sample of the audio to hear it in
     * @param audioEnd sample after the last of that audio
     */
    public record Utterance(long begin, long end, long audioBegin, long audioEnd) {}

    /** Whether speech is open. */
    public boolean speaking() {
        return state.speechBegin >= 0;
    }

    public State state() {
        return state;
    }

    /** Goes on from a state. */
    public void restore(State restored) {
        state = restored;
    }

    /**
     * First sample that an utterance may still need, given that all chunks before {@code position}
     * were taken.
     */
    public long neededFrom(long position) {
        long earliest = state.speechBegin >= 0 ? state.speechBegin : position;
        return Math.max(0, earliest - samples(options.paddingMs()));
    }

    /** Takes the voice activity of the chunk that begins at that sample. */
    public Step accept(long chunkBegin, float probability) {
        long chunkEnd = chunkBegin + CHUNK;
        if (state.speechBegin < 0) {
            if (probability < options.startProbability()) {
                return Step.NOTHING;
            }
            // What ended within this chunk, because it was told to, keeps its audio for itself.
            long begin = Math.max(chunkBegin, state.floor);
            state = State.speechFrom(begin, 0, state.floor);
            voiced(chunkBegin, probability);
            return new Step(Optional.of(begin), Optional.empty(), Optional.empty());
        }
        boolean voice =
                state.pauseBegin >= 0
                        ? probability >= options.startProbability()
                        : probability >= options.stopProbability();
        if (voice) {
            resumeSpeech(chunkBegin);
            voiced(chunkBegin, probability);
        } else if (state.pauseBegin < 0) {
            state = state.withPauseBegin(chunkBegin);
        }
        if (state.pauseBegin >= 0 && chunkEnd - state.pauseBegin >= pauseThatEnds()) {
            return end(state.pauseBegin, chunkEnd, State.silent(state.pauseBegin));
        }
        if (chunkEnd - state.speechBegin >= samples(options.maxMs())) {
            return cut(chunkEnd);
        }
        return Step.NOTHING;
    }

    /** Ends the open speech, because the audio ends or breaks off at that sample. */
    public Step finish(long position) {
        if (state.speechBegin < 0) {
            return Step.NOTHING;
        }
        long end = state.pauseBegin >= 0 ? state.pauseBegin : position;
        return end(end, position, State.silent(end));
    }

    private long pauseThatEnds() {
        boolean isLong = state.pauseBegin - state.speechBegin >= samples(options.longMs());
        return samples(isLong ? options.longPauseMs() : options.pauseMs());
    }

    private void resumeSpeech(long chunkBegin) {
        if (state.pauseBegin < 0) {
            return;
        }
        boolean better =
                mayCutAt(state.pauseBegin)
                        && chunkBegin - state.pauseBegin
                                >= state.bestPauseEnd - state.bestPauseBegin;
        state =
                new State(
                        state.speechBegin,
                        -1,
                        state.voiced,
                        better ? state.pauseBegin : state.bestPauseBegin,
                        better ? chunkBegin : state.bestPauseEnd,
                        state.quietestAt,
                        state.quietest,
                        state.floor);
    }

    /** Whether a pause there leaves an utterance before it that is worth being one. */
    private boolean mayCutAt(long pauseBegin) {
        return pauseBegin - state.speechBegin >= samples(options.longMs()) / 2;
    }

    private void voiced(long chunkBegin, float probability) {
        boolean mayCut = chunkBegin - state.speechBegin >= samples(options.longMs());
        boolean quieter = mayCut && probability <= state.quietest;
        state =
                new State(
                        state.speechBegin,
                        state.pauseBegin,
                        state.voiced + CHUNK,
                        state.bestPauseBegin,
                        state.bestPauseEnd,
                        quieter ? chunkBegin + CHUNK / 2 : state.quietestAt,
                        quieter ? probability : state.quietest,
                        state.floor);
    }

    /**
     * Too long: cuts at the pause that is open, else at the longest one that leaves enough before
     * it, else where it was quietest.
     */
    private Step cut(long chunkEnd) {
        if (state.pauseBegin >= 0) {
            return end(state.pauseBegin, chunkEnd, State.silent(state.pauseBegin));
        }
        long pauseEnd = state.bestPauseEnd;
        if (state.bestPauseBegin >= 0) {
            return end(
                    state.bestPauseBegin,
                    pauseEnd,
                    State.speechFrom(pauseEnd, chunkEnd - pauseEnd, state.bestPauseBegin));
        }
        long at = state.quietestAt >= 0 ? state.quietestAt : chunkEnd;
        return end(at, at, State.speechFrom(at, chunkEnd - at, at));
    }

    private Step end(long end, long audioLimit, State next) {
        Utterance utterance =
                new Utterance(
                        state.speechBegin,
                        end,
                        Math.max(state.floor, state.speechBegin - samples(options.paddingMs())),
                        Math.min(audioLimit, end + samples(options.paddingMs())));
        boolean enough = state.voiced >= samples(options.minSpeechMs());
        state = next;
        return new Step(
                Optional.empty(),
                Optional.of(end),
                enough ? Optional.of(utterance) : Optional.empty());
    }

    private static long samples(int milliseconds) {
        return (long) milliseconds * SAMPLES_PER_MS;
    }
}
