package dev.omniflow.app.bench;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Edits between references and what was heard.
 *
 * @param words words of the references
 * @param substitutions words that were heard as others
 * @param deletions words that were not heard
 * @param insertions words that were heard and not said
 */
record WordErrors(long words, long substitutions, long deletions, long insertions) {
    /** Nothing was said and nothing heard. */
    static final WordErrors NONE = new WordErrors(0, 0, 0, 0);

    /**
     * The fewest edits that turn one into the other. Where several ways have equally few, their sum
     * is the same.
     */
    static WordErrors between(List<String> reference, List<String> heard) {
        WordErrors[] row = new WordErrors[heard.size() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = new WordErrors(0, 0, 0, j);
        }
        for (int i = 1; i <= reference.size(); i++) {
            WordErrors[] previous = row;
            row = new WordErrors[previous.length];
            row[0] = new WordErrors(0, 0, i, 0);
            for (int j = 1; j < row.length; j++) {
                row[j] = cell(previous, row, j, reference.get(i - 1).equals(heard.get(j - 1)));
            }
        }
        WordErrors last = row[heard.size()];
        return new WordErrors(
                reference.size(), last.substitutions, last.deletions, last.insertions);
    }

    private static WordErrors cell(WordErrors[] previous, WordErrors[] row, int j, boolean equal) {
        if (equal) {
            return previous[j - 1];
        }
        WordErrors best = previous[j - 1].plus(new WordErrors(0, 1, 0, 0));
        if (previous[j].total() + 1 < best.total()) {
            best = previous[j].plus(new WordErrors(0, 0, 1, 0));
        }
        if (row[j - 1].total() + 1 < best.total()) {
            best = row[j - 1].plus(new WordErrors(0, 0, 0, 1));
        }
        return best;
    }

    /** Both together. */
    WordErrors plus(WordErrors other) {
        return new WordErrors(
                words + other.words,
                substitutions + other.substitutions,
                deletions + other.deletions,
                insertions + other.insertions);
    }

    /** All edits. */
    long total() {
        return substitutions + deletions + insertions;
    }

    /** The word error rate in percent; empty where nothing was said: look at the insertions. */
    OptionalDouble rate() {
        return words == 0 ? OptionalDouble.empty() : OptionalDouble.of(100.0 * total() / words);
    }
}
