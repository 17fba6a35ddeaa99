package dev.omniflow.app.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How well a corpus was heard.
 *
 * @param utterances recordings
 * @param errors by the plain rules
 * @param folded the same without accents
 * @param looped recordings in which a phrase was repeated that nobody repeated
 */
record Score(int utterances, WordErrors errors, WordErrors folded, int looped) {
    private static final Score NONE = new Score(0, WordErrors.NONE, WordErrors.NONE, 0);

    /** A phrase of up to so many words, so many times in a row, is a loop. */
    private static final int LONGEST_PHRASE = 8;

    private static final int REPEATS = 4;

    /** Of each language. */
    static Map<String, Score> byLanguage(Corpus corpus, Map<String, String> heard) {
        Map<String, Score> scores = new TreeMap<>();
        for (Corpus.Utterance utterance : corpus.utterances()) {
            scores.merge(
                    utterance.language(),
                    of(utterance, heard.getOrDefault(utterance.path(), "")),
                    Score::plus);
        }
        return scores;
    }

    /** Of all languages together. */
    static Score total(Map<String, Score> scores) {
        return scores.values().stream().reduce(NONE, Score::plus);
    }

    private static Score of(Corpus.Utterance utterance, String heard) {
        String expected = TextNormalizer.normalize(utterance.transcript(), utterance.language());
        String got = TextNormalizer.normalize(heard, utterance.language());
        boolean looped = loops(words(got)) && !loops(words(expected));
        return new Score(
                1,
                WordErrors.between(words(expected), words(got)),
                WordErrors.between(
                        words(TextNormalizer.foldAccents(expected)),
                        words(TextNormalizer.foldAccents(got))),
                looped ? 1 : 0);
    }

    private static List<String> words(String normalized) {
        return normalized.isEmpty() ? List.of() : List.of(normalized.split(" "));
    }

    /** Whether a phrase comes again and again in a row. */
    static boolean loops(List<String> words) {
        for (int length = 1; length <= LONGEST_PHRASE; length++) {
            int same = 0;
            for (int index = length; index < words.size(); index++) {
                same = words.get(index).equals(words.get(index - length)) ? same + 1 : 0;
                if (same >= length * (REPEATS - 1)) {
                    return true;
                }
            }
        }
        return false;
    }

    private Score plus(Score other) {
        return new Score(
                utterances + other.utterances,
                errors.plus(other.errors),
                folded.plus(other.folded),
                looped + other.looped);
    }
}
