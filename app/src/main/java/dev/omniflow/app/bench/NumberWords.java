package dev.omniflow.app.bench;

import java.util.List;
import java.util.Optional;

/**
 * Cardinal numbers from 0 to 999,999 in words of English, French and Spanish: no hyphens, no "and"
 * in English, masculine. As bench/wer.py spells them.
 */
enum NumberWords {
    ENGLISH("en") {
        @Override
        String positive(int number) {
            if (number < 20) {
                return EN.get(number);
            }
            if (number < 100) {
                return joined(EN_TENS.get(number / 10 - 2), rest(number % 10));
            }
            if (number < 1000) {
                return joined(EN.get(number / 100), "hundred", rest(number % 100));
            }
            return joined(positive(number / 1000), "thousand", rest(number % 1000));
        }
    },

    FRENCH("fr") {
        @Override
        String positive(int number) {
            if (number < 17) {
                return FR.get(number);
            }
            if (number < 20) {
                return joined("dix", FR.get(number - 10));
            }
            if (number < 100) {
                return belowHundred(number);
            }
            if (number < 1000) {
                int rest = number % 100;
                if (number < 200) {
                    return joined("cent", rest(rest));
                }
                return joined(FR.get(number / 100), rest == 0 ? "cents" : "cent", rest(rest));
            }
            // "quatre-vingts" and "cents" lose their s before "mille"; one thousand is "mille".
            String many =
                    number < 2000
                            ? ""
                            : positive(number / 1000).replaceAll("\\b(vingt|cent)s$", "$1");
            return joined(many, "mille", rest(number % 1000));
        }

        private String belowHundred(int number) {
            if (number == 80) {
                return "quatre vingts";
            }
            int tens = number / 10;
            if (tens == 7 || tens == 9) {
                // Counted on from sixty and eighty: 71 is "soixante et onze".
                tens--;
            }
            int units = number - 10 * tens;
            String link = (units == 1 || units == 11) && tens != 8 ? "et" : "";
            return joined(FR_TENS.get(tens - 2), link, rest(units));
        }
    },

    SPANISH("es") {
        @Override
        String positive(int number) {
            if (number < 30) {
                return ES.get(number);
            }
            if (number < 100) {
                int units = number % 10;
                return joined(ES_TENS.get(number / 10 - 3), units == 0 ? "" : "y", rest(units));
            }
            if (number == 100) {
                return "cien";
            }
            if (number < 1000) {
                return joined(ES_HUNDREDS.get(number / 100 - 1), rest(number % 100));
            }
            return joined(beforeThousand(number / 1000), "mil", rest(number % 1000));
        }

        /** None named for one, and "uno" at the end cut to "un". */
        private String beforeThousand(int number) {
            if (number == 1) {
                return "";
            }
            String words = positive(number);
            if (words.endsWith("veintiuno")) {
                return words.substring(0, words.length() - "veintiuno".length()) + "veintiún";
            }
            return words.endsWith(" uno") ? words.substring(0, words.length() - 1) : words;
        }
    };

    private static final int LARGEST = 999_999;

    private static final List<String> EN =
            words(
                    "zero one two three four five six seven eight nine ten eleven twelve thirteen"
                            + " fourteen fifteen sixteen seventeen eighteen nineteen");
    private static final List<String> EN_TENS =
            words("twenty thirty forty fifty sixty seventy eighty ninety");
    private static final List<String> FR =
            words(
                    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize"
                            + " quatorze quinze seize");
    private static final List<String> FR_TENS =
            List.of("vingt", "trente", "quarante", "cinquante", "soixante", "", "quatre vingt");
    private static final List<String> ES =
            words(
                    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece"
                            + " catorce quince dieciséis diecisiete dieciocho diecinueve veinte"
                            + " veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis"
                            + " veintisiete veintiocho veintinueve");
    private static final List<String> ES_TENS =
            words("treinta cuarenta cincuenta sesenta setenta ochenta noventa");
    private static final List<String> ES_HUNDREDS =
            words(
                    "ciento doscientos trescientos cuatrocientos quinientos seiscientos"
                            + " setecientos ochocientos novecientos");

    private final String language;

    NumberWords(String language) {
        this.language = language;
    }

    /** Those of a language; empty if they are not known. */
    static Optional<NumberWords> of(String language) {
        for (NumberWords words : values()) {
            if (words.language.equals(language)) {
                return Optional.of(words);
            }
        }
        return Optional.empty();
    }

    /** A number in words, parted by spaces. */
    String spell(int number) {
        if (number < 0 || number > LARGEST) {
            throw new IllegalArgumentException(
                    "expected a number from 0 to " + LARGEST + ", got " + number);
        }
        return positive(number);
    }

    abstract String positive(int number);

    String rest(int number) {
        return number == 0 ? "" : positive(number);
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    private static String joined(String... words) {
        StringBuilder joined = new StringBuilder();
        for (String word : words) {
            if (!word.isEmpty()) {
                joined.append(joined.isEmpty() ? "" : " ").append(word);
            }
        }
        return joined.toString();
    }
}
