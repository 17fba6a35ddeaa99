package dev.omniflow.speech.whisper;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a session asks of the recogniser.
 *
 * @param language ISO 639-1 code; empty to detect it
 * @param prompt text to bias it; may be empty
 * @param vocabulary names and terms to bias it towards
 */
public record RecognitionOptions(
        Optional<String> language, String prompt, List<String> vocabulary) {
    public RecognitionOptions {
        Objects.requireNonNull(language, "language");
        Objects.requireNonNull(prompt, "prompt");
        vocabulary = List.copyOf(vocabulary);
    }

    /** The text that is put before what is to be recognised. */
    String biasText() {
        if (vocabulary.isEmpty()) {
            return prompt.strip();
        }
        return (String.join(", ", vocabulary) + ". " + prompt.strip()).strip();
    }
}
