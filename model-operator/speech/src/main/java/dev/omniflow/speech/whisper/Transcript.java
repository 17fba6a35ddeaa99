package dev.omniflow.speech.whisper;

import java.util.List;
import java.util.Objects;

/**
 * What was recognised in one utterance.
 *
 * @param text trimmed; empty if nothing was said
 * @param words its words in order
 * @param language ISO 639-1 code
 * @param confidence geometric mean of the tokens' probabilities, 0 to 1
 * @param tokensRead tokens that the decoder read, prompt included
 * @param tokensWritten tokens that it wrote
 * @param looped whether it repeated itself and was cut
 */
public record Transcript(
        String text,
        List<TimedWord> words,
        String language,
        float confidence,
        int tokensRead,
        int tokensWritten,
        boolean looped) {
    public Transcript {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(language, "language");
        words = List.copyOf(words);
    }

    /**
     * A word and when it was said.
     *
     * @param text the word with its punctuation
     * @param beginMs milliseconds from the beginning of the utterance's audio
     * @param endMs milliseconds from the beginning of the utterance's audio
     * @param confidence geometric mean of its tokens' probabilities, 0 to 1
     */
    public record TimedWord(String text, int beginMs, int endMs, float confidence) {}
}
