package dev.omniflow.speech.whisper;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.omniflow.core.bundle.BundleException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Text to Whisper's tokens and back. Thread-safe. */
final class WhisperTokenizer {
    private static final String UNFINISHED = "\uFFFD";

    private final HuggingFaceTokenizer tokenizer;

    private WhisperTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    static WhisperTokenizer read(Path file) throws BundleException {
        try {
            return new WhisperTokenizer(
                    HuggingFaceTokenizer.newInstance(
                            file,
                            Map.of(
                                    "addSpecialTokens",
                                    "false",
                                    "truncation",
                                    "false",
                                    "padding",
                                    "false")));
        } catch (IOException | RuntimeException e) {
            throw new BundleException(
                    "cannot read the tokenizer " + file + ": " + e.getMessage(), e);
        }
    }

    int[] encode(String text) {
        long[] ids = tokenizer.encode(text, false, false).getIds();
        int[] tokens = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = (int) ids[i];
        }
        return tokens;
    }

    String decode(List<Integer> tokens) {
        long[] ids = tokens.stream().mapToLong(Integer::longValue).toArray();
        return tokenizer.decode(ids, true);
    }

    /**
     * A run of tokens that make whole characters.
     *
     * @param text what they spell, with the space before it
     * @param first index of the first token
     * @param end index after the last
     */
    record Piece(String text, int first, int end) {}

    /** Cuts tokens into words: at spaces, and in scripts without spaces at every character. */
    List<Piece> words(List<Integer> tokens) {
        List<Piece> words = new ArrayList<>();
        for (Piece piece : pieces(tokens)) {
            boolean joins =
                    !words.isEmpty()
                            && !piece.text().startsWith(" ")
                            && !withoutSpaces(piece.text())
                            && !withoutSpaces(words.get(words.size() - 1).text());
            boolean punctuation = !words.isEmpty() && isPunctuation(piece.text());
            if (joins || punctuation) {
                Piece last = words.remove(words.size() - 1);
                words.add(new Piece(last.text() + piece.text(), last.first(), piece.end()));
            } else {
                words.add(piece);
            }
        }
        return words;
    }

    private List<Piece> pieces(List<Integer> tokens) {
        List<Piece> pieces = new ArrayList<>();
        int first = 0;
        for (int end = 1; end <= tokens.size(); end++) {
            String text = decode(tokens.subList(first, end));
            // A character can be spread over tokens: it is whole once it no longer decodes to a
            // replacement.
            if (!text.endsWith(UNFINISHED) || end == tokens.size()) {
                pieces.add(new Piece(text, first, end));
                first = end;
            }
        }
        return pieces;
    }

    private static boolean isPunctuation(String text) {
        return !text.isBlank()
                && !text.startsWith(" ")
                && text.codePoints().noneMatch(Character::isLetterOrDigit);
    }

    private static boolean withoutSpaces(String text) {
        return text.codePoints()
                .anyMatch(
                        codePoint ->
                                switch (Character.UnicodeScript.of(codePoint)) {
                                    case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> true;
                                    default -> false;
                                });
    }
}
