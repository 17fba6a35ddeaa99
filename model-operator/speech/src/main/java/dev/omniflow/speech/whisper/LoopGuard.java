package dev.omniflow.speech.whisper;

import java.util.List;

/** Whisper repeats itself on some audio: finds the repetition as soon as it is whole. */
final class LoopGuard {
    /** Shorter repetitions are speech: "no, no", "ten, ten". */
    private static final int SHORTEST = 3;

    /**
     * A repetition of so many tokens is a loop at once; people do not say whole sentences twice in
     * one breath.
     */
    private static final int LONG = 8;

    /** A shorter one is a loop at once if it is faster than anybody speaks, in tokens a second. */
    private static final double FAST = 5;

    private LoopGuard() {}

    /**
     * Finds a loop at the end of the tokens.
     *
     * @param seconds length of the audio that they were heard in
     * @return number of tokens up to the end of the first occurrence, if the last tokens repeat
     *     those before; else -1
     */
    static int loopEnd(List<Integer> tokens, double seconds) {
        int size = tokens.size();
        boolean tooFast = size > FAST * seconds;
        for (int length = SHORTEST; length <= size / 2; length++) {
            int times = length >= LONG || tooFast ? 2 : 3;
            if (repeats(tokens, length, times)) {
                return size - length * (times - 1);
            }
        }
        return -1;
    }

    private static boolean repeats(List<Integer> tokens, int length, int times) {
        int size = tokens.size();
        if (length * times > size) {
            return false;
        }
        for (int i = size - length * (times - 1); i < size; i++) {
            if (!tokens.get(i).equals(tokens.get(i - length))) {
                return false;
            }
        }
        return true;
    }
}
