package dev.omniflow.speech.endpointing;

/**
 * How utterances are cut. All lengths are media time.
 *
 * @param startProbability voice activity from which speech begins
 * @param stopProbability voice activity below which it pauses; lower than the start, so that it
 *     does not flicker
 * @param minSpeechMs speech shorter than this is no utterance
 * @param pauseMs silence that ends an utterance
 * @param longPauseMs silence that ends an utterance once it is {@code longMs} long
 * @param longMs length from which an utterance is long
 * @param maxMs length at which an utterance is cut at its best pause
 * @param paddingMs audio kept before and after the speech
 */
public record EndpointingOptions(
        float startProbability,
        float stopProbability,
        int minSpeechMs,
        int pauseMs,
        int longPauseMs,
        int longMs,
        int maxMs,
        int paddingMs) {
    public EndpointingOptions {
        if (!(0 < stopProbability && stopProbability <= startProbability && startProbability < 1)) {
            throw new IllegalArgumentException(
                    "expected 0 < stopProbability <= startProbability < 1, not "
                            + stopProbability
                            + " and "
                            + startProbability);
        }
        if (!(0 < longPauseMs && longPauseMs <= pauseMs)) {
            throw new IllegalArgumentException(
                    "expected 0 < longPauseMs <= pauseMs, not " + longPauseMs + " and " + pauseMs);
        }
        if (!(0 < longMs && longMs < maxMs && maxMs + 2 * paddingMs <= 30_000)) {
            throw new IllegalArgumentException(
                    "expected 0 < longMs < maxMs and maxMs + 2 * paddingMs <= 30000, not "
                            + longMs
                            + ", "
                            + maxMs
                            + " and "
                            + paddingMs);
        }
        if (minSpeechMs < 0 || paddingMs < 0) {
            throw new IllegalArgumentException("minSpeechMs and paddingMs may not be negative");
        }
    }

    /** For live speech: half a second of silence ends an utterance. */
    public static EndpointingOptions live() {
        return withPause(500);
    }

    /** With another silence that ends an utterance. */
    public static EndpointingOptions withPause(int pauseMs) {
        return new EndpointingOptions(
                0.5f, 0.35f, 120, pauseMs, Math.min(pauseMs, 200), 5_000, 28_000, 300);
    }
}
