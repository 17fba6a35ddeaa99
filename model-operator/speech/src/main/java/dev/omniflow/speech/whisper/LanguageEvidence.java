package dev.omniflow.speech.whisper;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a session's utterances said so far about its language: log-probabilities, weighted by
 * length, older ones fading. One short utterance in doubt is decided by those before it; a real
 * change wins within a few.
 */
public record LanguageEvidence(Map<String, Double> scores) {
    private static final double FADING = 0.5;
    private static final double WHOLE_WEIGHT_SECONDS = 4;

    public LanguageEvidence {
        scores = Map.copyOf(scores);
    }

    /** Nothing heard yet. */
    public static LanguageEvidence none() {
        return new LanguageEvidence(Map.of());
    }

    /** With one more utterance's log-probabilities. */
    LanguageEvidence with(Map<String, Double> logProbabilities, double seconds) {
        double weight = Math.min(1, seconds / WHOLE_WEIGHT_SECONDS);
        Map<String, Double> sum = new TreeMap<>();
        logProbabilities.forEach(
                (language, log) ->
                        sum.put(
                                language,
                                FADING * scores.getOrDefault(language, 0.0) + weight * log));
        return new LanguageEvidence(sum);
    }

    /** The likeliest language; the first in the alphabet of equals. */
    String likeliest() {
        return new TreeMap<>(scores)
                .entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .orElseThrow(() -> new IllegalStateException("no utterance was heard yet"))
                        .getKey();
    }
}
