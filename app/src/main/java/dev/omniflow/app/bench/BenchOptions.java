package dev.omniflow.app.bench;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.SessionSettings;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.ingest.ChannelMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of both measurements. */
final class BenchOptions {
    /** Each recording is told the language that the corpus says. */
    private static final String TABLE = "table";

    @Option(
            names = "--corpus",
            paramLabel = "DIR",
            description =
                    "Folder with transcripts.tsv and recordings, as bench/make-corpus makes it."
                            + " Default: corpus in the folder that Omniflow keeps.")
    private @Nullable Path corpus;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "whisper-base",
            description =
                    "whisper-base, whisper-tiny.en, or the path of a bundle. Default:"
                            + " ${DEFAULT-VALUE}")
    private String model = "";

    @Option(
            names = "--language",
            paramLabel = "CODE",
            defaultValue = TABLE,
            description =
                    "table: told as the corpus says; auto: detected; or a code for all. Default:"
                            + " ${DEFAULT-VALUE}")
    private String language = TABLE;

    @Option(
            names = "--only",
            paramLabel = "CODE",
            split = ",",
            description = "Only recordings in these languages of the corpus, such as en,fr.")
    private List<String> only = List.of();

    @Option(
            names = "--sample",
            paramLabel = "N",
            defaultValue = "0",
            description = "At most N recordings of each language, spread evenly. Default: all")
    private int sample;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "2",
            description = "Parallel tasks of the Flink job. Default: ${DEFAULT-VALUE}")
    private int parallelism = 2;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            defaultValue = "24",
            description = "Recordings under way at a time. Default: ${DEFAULT-VALUE}")
    private int sessions = 24;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    Path corpusFolder(OmniflowHome home) {
        return corpus == null ? home.root().resolve("corpus") : corpus;
    }

    boolean ownCorpus() {
        return corpus != null;
    }

    Corpus corpus(OmniflowHome home) throws CommandException {
        if (sample < 0) {
            throw CommandException.usage("--sample is 0 or more, not " + sample);
        }
        return Corpus.read(corpusFolder(home)).only(Set.copyOf(only)).sample(sample);
    }

    String model() {
        return model;
    }

    String language() {
        return language;
    }

    int parallelism() throws CommandException {
        return positive("--parallelism", parallelism);
    }

    int sessions() throws CommandException {
        return positive("--sessions", sessions);
    }

    boolean json() {
        return json;
    }

    SpeechModels models(OmniflowHome home) throws CommandException {
        return SpeechModels.find(home, model);
    }

    /** How a recording of a language is captioned. */
    SessionSettings settings(SpeechModels models, String ofCorpus) throws CommandException {
        String told = language.equals(TABLE) ? ofCorpus : language;
        return new SessionSettings(
                models, models.language(told), "", List.of(), ChannelMode.MIX, false);
    }

    private static int positive(String option, int value) throws CommandException {
        return Optional.of(value)
                .filter(number -> number >= 1 && number <= 1024)
                .orElseThrow(
                        () -> CommandException.usage(option + " is from 1 to 1024, not " + value));
    }
}
