package dev.omniflow.app.bench;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes transcripts comparable. The rules, their order and their reasons stand at the head of
 * bench/wer.py; bench/normalisation-cases.tsv holds examples that both are tested on.
 */
final class TextNormalizer {
    private static final String APOSTROPHES = "\u2018\u2019\u02bc\u00b4`\u2032\uff07";
    private static final Pattern GROUP_SEPARATOR =
            Pattern.compile("(?<=[0-9])[.,](?=[0-9]{3}(?![0-9]))");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final int LARGEST_NUMBER_OF_DIGITS = 6;

    private TextNormalizer() {}

    /** The words of a text, parted by one space each. */
    static String normalize(String text, String language) {
        StringBuilder plain = new StringBuilder(text);
        for (int index = 0; index < plain.length(); index++) {
            if (APOSTROPHES.indexOf(plain.charAt(index)) >= 0) {
                plain.setCharAt(index, '\'');
            }
        }
        String folded = Normalizer.normalize(plain, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        folded = Normalizer.normalize(folded, Normalizer.Form.NFC);
        folded = GROUP_SEPARATOR.matcher(folded).replaceAll("");
        folded =
                DIGITS.matcher(folded)
                        .replaceAll(
                                run ->
                                        Matcher.quoteReplacement(
                                                " " + spell(run.group(), language) + " "));
        return String.join(" ", wordsOnly(folded).strip().split(" +"));
    }

    /** A normalised text without accents. */
    static String foldAccents(String text) {
        String marks =
                Normalizer.normalize(text, Normalizer.Form.NFD)
                        .codePoints()
                        .filter(point -> Character.getType(point) != Character.NON_SPACING_MARK)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString();
        return Normalizer.normalize(marks, Normalizer.Form.NFC);
    }

    private static String spell(String digits, String language) {
        return NumberWords.of(language)
                .map(
                        words -> {
                            boolean leadingZero = digits.length() > 1 && digits.charAt(0) == '0';
                            if (!leadingZero && digits.length() <= LARGEST_NUMBER_OF_DIGITS) {
                                return words.spell(Integer.parseInt(digits));
                            }
                            StringBuilder each = new StringBuilder();
                            for (int index = 0; index < digits.length(); index++) {
                                each.append(index == 0 ? "" : " ")
                                        .append(words.spell(digits.charAt(index) - '0'));
                            }
                            return each.toString();
                        })
                .orElse(digits);
    }

    private static String wordsOnly(String text) {
        int[] points = text.codePoints().toArray();
        StringBuilder words = new StringBuilder();
        for (int index = 0; index < points.length; index++) {
            boolean kept =
                    points[index] == '\''
                            ? index > 0
                                    && index < points.length - 1
                                    && isLetter(points[index - 1])
                                    && isLetter(points[index + 1])
                            : isLetter(points[index]) || isNumber(points[index]);
            words.appendCodePoint(kept ? points[index] : ' ');
        }
        return words.toString();
    }

    /** Whether it is of the categories L* or M*. */
    private static boolean isLetter(int point) {
        return switch (Character.getType(point)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER,
                    Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.COMBINING_SPACING_MARK ->
                    true;
            default -> false;
        };
    }

    /** Whether it is of the categories N*. */
    private static boolean isNumber(int point) {
        return switch (Character.getType(point)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
                    true;
            default -> false;
        };
    }
}
