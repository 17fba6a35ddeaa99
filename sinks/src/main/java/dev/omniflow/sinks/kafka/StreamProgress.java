package dev.omniflow.sinks.kafka;

import java.util.Arrays;

/**
 * What was seen of one stream of one session: knows the numbers that came, and of the newest ones
 * also the contents.
 *
 * <p>INVARIANT: slot {@code n % WINDOW} holds the newest number that fell on it, all numbers at
 * {@code next} and above are new. Fixed memory, 4 KiB. Not thread-safe.
 */
final class StreamProgress {
    /** So many numbers back, a repeated output is compared and a late one is still told apart. */
    static final int WINDOW = 256;

    private final long[] numbers = new long[WINDOW];
    private final long[] hashes = new long[WINDOW];
    private long next;

    StreamProgress() {
        Arrays.fill(numbers, -1);
    }

    /** How an output relates to what came before. */
    enum Verdict {
        /** It did not come before. */
        NEW,
        /** It came before, with the same contents as far as that is known. */
        REPEATED,
        /** It came before, with other contents. */
        DIVERGED
    }

    /** Takes an output of a number and a hash of its contents. */
    Verdict take(long number, long hash) {
        int slot = Math.floorMod(number, WINDOW);
        if (number < next) {
            if (numbers[slot] == number) {
                return hashes[slot] == hash ? Verdict.REPEATED : Verdict.DIVERGED;
            }
            if (numbers[slot] > number || number < next - WINDOW) {
                // Too old to know; before the window everything counts as seen.
                return Verdict.REPEATED;
            }
        }
        numbers[slot] = number;
        hashes[slot] = hash;
        next = Math.max(next, number + 1);
        return Verdict.NEW;
    }

    /** One more than the greatest number that came. */
    long next() {
        return next;
    }
}
