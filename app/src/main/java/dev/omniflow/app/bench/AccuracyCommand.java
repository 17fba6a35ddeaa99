package dev.omniflow.app.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.CaptionService;
import dev.omniflow.app.caption.SpeechModels;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code omniflow bench accuracy}. */
@Command(
        name = "accuracy",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Captions a corpus through Kafka and Flink and prints word error rates by language.",
            "The rules of normalisation stand in bench/wer.py."
        })
final class AccuracyCommand implements Callable<Integer> {
    private final Console console;
    private final OmniflowHome home;

    @Mixin private BenchOptions options = new BenchOptions();

    AccuracyCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        SpeechModels models = options.models(home);
        Corpus corpus = options.corpus(home);
        CorpusCaptioner.Run run;
        try (CaptionService service =
                CaptionService.start(home, models, options.parallelism(), false)) {
            run = new CorpusCaptioner(console, service, models, options).caption(corpus);
        }
        Map<String, Score> scores = Score.byLanguage(corpus, run.heard());
        if (options.json()) {
            printJson(models, run, scores);
        } else {
            printTable(models, run, scores);
        }
        return ExitCode.OK;
    }

    private void printTable(
            SpeechModels models, CorpusCaptioner.Run run, Map<String, Score> scores) {
        console.print(
                "language  files  words   WER %  substituted  deleted  inserted  looped   WER %"
                        + " without accents\n");
        scores.forEach(
                (language, score) ->
                        console.print(
                                String.format(
                                        Locale.ROOT,
                                        "%-8s  %5d  %5d  %s  %11d  %7d  %8d  %6d  %s%n",
                                        language,
                                        score.utterances(),
                                        score.errors().words(),
                                        percent(score.errors().rate()),
                                        score.errors().substitutions(),
                                        score.errors().deletions(),
                                        score.errors().insertions(),
                                        score.looped(),
                                        percent(score.folded().rate()))));
        console.print(
                String.format(
                        Locale.ROOT,
                        "%s: %.0f s of audio in %.1f s, start of the job included%n",
                        models.recogniser().id(),
                        run.audio().toMillis() / 1000.0,
                        run.took().toMillis() / 1000.0));
    }

    private void printJson(
            SpeechModels models, CorpusCaptioner.Run run, Map<String, Score> scores) {
        ObjectNode object = new ObjectMapper().createObjectNode();
        object.put("model", models.recogniser().id().toString());
        object.put("audio_s", run.audio().toMillis() / 1000.0);
        object.put("took_s", run.took().toMillis() / 1000.0);
        ArrayNode languages = object.putArray("languages");
        scores.forEach(
                (language, score) -> {
                    ObjectNode row = languages.addObject();
                    row.put("language", language);
                    row.put("files", score.utterances());
                    row.put("words", score.errors().words());
                    row.put("wer", rounded(score.errors().rate()));
                    row.put("substitutions", score.errors().substitutions());
                    row.put("deletions", score.errors().deletions());
                    row.put("insertions", score.errors().insertions());
                    row.put("looped", score.looped());
                    row.put("wer_without_accents", rounded(score.folded().rate()));
                });
        console.print(object + "\n");
    }

    private static String percent(OptionalDouble rate) {
        return rate.isEmpty() ? "     -" : String.format(Locale.ROOT, "%6.2f", rate.getAsDouble());
    }

    /** Null, as JSON has it, where there is no rate. */
    static @Nullable Double rounded(OptionalDouble rate) {
        return rate.isEmpty() ? null : Math.round(rate.getAsDouble() * 1000) / 1000.0;
    }
}
