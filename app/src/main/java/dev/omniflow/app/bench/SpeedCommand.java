package dev.omniflow.app.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.CaptionService;
import dev.omniflow.app.caption.SpeechModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code omniflow bench speed}. */
@Command(
        name = "speed",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Captions a corpus with Omniflow, through Kafka and Flink, and with faster-whisper"
                    + " (int8, beam 1, 2 threads, the same weights), and compares.",
            "The corpus is dealt out to rounds, and the two take turns, so that both have the same"
                    + " machine. The loading of the models is counted for neither."
        })
final class SpeedCommand implements Callable<Integer> {
    private final Console console;
    private final OmniflowHome home;
    private final @Nullable String clone;

    @Mixin private BenchOptions options = new BenchOptions();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Rounds in which the two take turns. Default: ${DEFAULT-VALUE}")
    private int rounds = 3;

    SpeedCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
        this.clone = System.getProperty("omniflow.clone");
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        if (rounds < 1 || rounds > 100) {
            throw CommandException.usage("--rounds is from 1 to 100, not " + rounds);
        }
        if (clone == null) {
            throw CommandException.missing(
                    "the scripts of bench/ are needed: start this by ./omniflow bench speed");
        }
        if (!SpeechModels.RECOGNISERS.contains(options.model())) {
            throw CommandException.usage(
                    "--model "
                            + options.model()
                            + ": the peer has the weights of "
                            + String.join(" and ", SpeechModels.RECOGNISERS)
                            + " only");
        }
        SpeechModels models = options.models(home);
        Peer peer = new Peer(home, Path.of(clone), options.model(), options.language());
        peer.prepare(options.corpusFolder(home), !options.ownCorpus());
        Corpus corpus = options.corpus(home);
        List<Corpus> parts = corpus.deal(rounds);

        CorpusCaptioner.Run ours = null;
        CorpusCaptioner.Run theirs = null;
        try (CaptionService service =
                CaptionService.start(home, models, options.parallelism(), false)) {
            CorpusCaptioner captioner = new CorpusCaptioner(console, service, models, options);
            // Loads the models, which is not counted.
            captioner.caption(new Corpus(corpus.folder(), corpus.utterances().subList(0, 1)));
            for (Corpus part : parts) {
                ours = sum(ours, captioner.caption(part));
                theirs = sum(theirs, peer.transcribe(part));
            }
        }
        if (ours == null || theirs == null) {
            throw new IllegalStateException("a corpus has at least one recording");
        }
        print(corpus, models, ours, theirs);
        return ExitCode.OK;
    }

    private static CorpusCaptioner.Run sum(
            CorpusCaptioner.@Nullable Run sum, CorpusCaptioner.Run next) {
        return sum == null ? next : sum.plus(next);
    }

    private void print(
            Corpus corpus,
            SpeechModels models,
            CorpusCaptioner.Run ours,
            CorpusCaptioner.Run theirs) {
        Score score = Score.total(Score.byLanguage(corpus, ours.heard()));
        Score peerScore = Score.total(Score.byLanguage(corpus, theirs.heard()));
        double ratio = theirs.rtf() / ours.rtf();
        if (options.json()) {
            ObjectNode result = new ObjectMapper().createObjectNode();
            result.put("model", models.recogniser().id().toString());
            result.put("files", corpus.utterances().size());
            result.put("audio_seconds", ours.audio().toMillis() / 1000.0);
            result.put("rtf", rounded(ours.rtf()));
            result.put("peer_rtf", rounded(theirs.rtf()));
            result.put("ratio", rounded(ratio));
            result.put("wer", AccuracyCommand.rounded(score.errors().rate()));
            result.put("peer_wer", AccuracyCommand.rounded(peerScore.errors().rate()));
            console.print(result + "\n");
            return;
        }
        console.print(
                String.format(
                        Locale.ROOT,
                        "                 RTF    WER %%%nomniflow       %6.4f  %6.2f%nfaster-whisper"
                                + " %6.4f  %6.2f%n%.2f times as fast, on %.0f s of audio in %d"
                                + " recordings%n",
                        ours.rtf(),
                        score.errors().rate().orElse(0),
                        theirs.rtf(),
                        peerScore.errors().rate().orElse(0),
                        ratio,
                        ours.audio().toMillis() / 1000.0,
                        corpus.utterances().size()));
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
