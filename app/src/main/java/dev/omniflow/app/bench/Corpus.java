package dev.omniflow.app.bench;

import dev.omniflow.app.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Recordings with their transcripts.
 *
 * @param folder the corpus
 * @param utterances its recordings, in the order of its table
 */
record Corpus(Path folder, List<Utterance> utterances) {
    /** Name of the table in a corpus. */
    static final String TABLE = "transcripts.tsv";

    private static final String HEADER = "path\tlanguage\ttranscript";

    /**
     * A recording.
     *
     * @param path relative to the corpus
     * @param language ISO 639-1 code
     * @param transcript what is said
     */
    record Utterance(String path, String language, String transcript) {}

    Corpus {
        utterances = List.copyOf(utterances);
    }

    /** Reads the table of a corpus. */
    static Corpus read(Path folder) throws CommandException {
        Path table = folder.resolve(TABLE);
        List<String> lines;
        try {
            lines = Files.readAllLines(table);
        } catch (IOException e) {
            throw CommandException.usage(
                    "--corpus "
                            + folder
                            + ": cannot read "
                            + TABLE
                            + " there ("
                            + e.getMessage()
                            + "); make a corpus with bench/make-corpus");
        }
        if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
            throw CommandException.usage(
                    table + " should begin with the columns path, language, transcript");
        }
        List<Utterance> utterances = new ArrayList<>();
        for (int number = 2; number <= lines.size(); number++) {
            String[] cells = lines.get(number - 1).split("\t", -1);
            if (cells.length != 3) {
                throw CommandException.usage(
                        table + ", line " + number + ": expected 3 columns, got " + cells.length);
            }
            utterances.add(new Utterance(cells[0], cells[1], cells[2]));
        }
        return new Corpus(folder, utterances);
    }

    /** The file of a recording. */
    Path file(Utterance utterance) {
        return folder.resolve(utterance.path());
    }

    /** What it has of these languages; all if none is named. */
    Corpus only(Set<String> languages) throws CommandException {
        List<Utterance> chosen =
                utterances.stream()
                        .filter(
                                utterance ->
                                        languages.isEmpty()
                                                || languages.contains(utterance.language()))
                        .toList();
        if (chosen.isEmpty()) {
            throw CommandException.usage(
                    folder + " has no recording in " + String.join(", ", languages));
        }
        return new Corpus(folder, chosen);
    }

    /** At most so many of each language, spread evenly over the table; all if 0. */
    Corpus sample(int most) {
        if (most == 0) {
            return this;
        }
        List<Utterance> chosen = new ArrayList<>();
        for (List<Utterance> ofLanguage : byLanguage().values()) {
            int count = Math.min(most, ofLanguage.size());
            for (int index = 0; index < count; index++) {
                chosen.add(ofLanguage.get((int) ((long) index * ofLanguage.size() / count)));
            }
        }
        return new Corpus(folder, chosen);
    }

    /** Its recordings dealt out to so many parts in turn: each part is like the whole. */
    List<Corpus> deal(int parts) {
        List<List<Utterance>> dealt = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            dealt.add(new ArrayList<>());
        }
        for (int index = 0; index < utterances.size(); index++) {
            dealt.get(index % parts).add(utterances.get(index));
        }
        return dealt.stream()
                .filter(part -> !part.isEmpty())
                .map(part -> new Corpus(folder, part))
                .toList();
    }

    private Map<String, List<Utterance>> byLanguage() {
        Map<String, List<Utterance>> byLanguage = new LinkedHashMap<>();
        for (Utterance utterance : utterances) {
            byLanguage
                    .computeIfAbsent(utterance.language(), language -> new ArrayList<>())
                    .add(utterance);
        }
        return byLanguage;
    }
}
