package dev.omniflow.speech.whisper;

import java.util.List;

/** Whisper repeats itself on some audio: finds the repetition as soon as it is whole. */
final class LoopGuard {
    /** Shorter repetitions are speech: "no, no", "ten, ten". */
    private static final int SHORTEST = 3;

    /**
     * A repetition shorter than this has to come three times: people do say "one two three, one two
     * three".
     */
    private static final int SURE = 8;

    private LoopGuard() {}

    /**
     * Number of tokens up to the end of the first occurrence, if the last tokens repeat those
     * before; else -1.
     */
    static int loopEnd(List<Integer> tokens) {
        int size = tokens.size();
        for (int length = SHORTEST; length <= size / 2; length++) {
            int times = length < SURE ? 3 : 2;
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
