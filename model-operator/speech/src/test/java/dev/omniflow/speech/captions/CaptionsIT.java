package dev.omniflow.speech.captions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.onnx.OnnxGraphRuntime;
import dev.omniflow.onnx.OnnxOptions;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.Word;
import dev.omniflow.speech.RealSpeech;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captions of real speech by the real models. */
class CaptionsIT {
    /** What is read in the recording, by Charles Dickens. */
    private static final String SAID =
            """
            It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
            foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of light, it
            was the season of darkness, it was the spring of hope, it was the winter of despair, we had everything
            before us, we had nothing before us, we were all going direct to heaven, we were all going direct the other
            way. In short, the period was so far like the present period that some of its noisiest authorities insisted
            on its being received, for good or for evil, in the superlative degree of comparison only.
            """;

    private static final OnnxGraphRuntime RUNTIME = new OnnxGraphRuntime(OnnxOptions.defaults());
    private static CaptionsProgramFactory programs;
    private static Map<String, String> bundles;
    private static short[] speech;

    @BeforeAll
    static void load() throws Exception {
        speech = RealSpeech.recording();
        List<Bundle> loaded =
                List.of(
                        RealSpeech.bundle("silero-vad"),
                        RealSpeech.bundle("whisper-base"),
                        RealSpeech.bundle("whisper-tiny.en"));
        bundles = new TreeMap<>();
        for (Bundle bundle : loaded) {
            bundles.put(bundle.id().name(), bundle.id().toString());
        }
        programs =
                new CaptionsProgramFactory(
                        CaptionsOptions.defaults(),
                        new LoadedBundles<>(
                                new BundleFolders(
                                        loaded.stream().map(Bundle::directory).toList(), List.of()),
                                RUNTIME,
                                SpeechModel::of));
    }

    @AfterAll
    static void close() {
        RUNTIME.close();
    }

    private static List<MediaEvent> log(
            String model,
            short[] samples,
            IntSupplier frameSize,
            Consumer<SessionStart.Builder> change) {
        return new CaptionEvents()
                .start(
                        opening -> {
                            opening.setModels(
                                    new TreeMap<>(
                                            Map.of(
                                                    SpeechModel.VOICE_ACTIVITY,
                                                    bundles.get("silero-vad"),
                                                    SpeechModel.SPEECH_RECOGNITION,
                                                    bundles.get(model))));
                            change.accept(opening);
                        })
                .speak(0, 0, samples, frameSize)
                .end((samples.length + 15) / 16)
                .log();
    }

    private static ProgramRun play(List<MediaEvent> log, long seed, int crashOneIn) {
        ProgramRun run = new ProgramRun(programs, RUNTIME, new Random(seed)).play(log, crashOneIn);
        assertThat(run.ended()).isTrue();
        return run;
    }

    private static List<OutputEvent> captions(ProgramRun run) {
        return run.byStream().get(Stream.CAPTIONS).stream()
                .filter(output -> output.getPayload() instanceof Caption)
                .toList();
    }

    private static String text(ProgramRun run) {
        return captions(run).stream()
                .map(output -> ((Caption) output.getPayload()).getText())
                .collect(Collectors.joining(" "));
    }

    private static short[] seconds(int from, int to) {
        return Arrays.copyOfRange(speech, from * 16_000, to * 16_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"whisper-base", "whisper-tiny.en"})
    void theWordsAreRecognisedWhereTheyAreSaid(String model) {
        ProgramRun run = play(log(model, speech, () -> 320, opening -> {}), 1, 0);

        assertThat(RealSpeech.wordErrorRate(RealSpeech.words(SAID), RealSpeech.words(text(run))))
                .as(text(run))
                .isLessThan(0.08);
        long heard = 0;
        for (OutputEvent output : captions(run)) {
            Caption caption = (Caption) output.getPayload();
            assertThat(caption.getLanguage()).isEqualTo("en");
            assertThat(output.getStartUs()).isGreaterThanOrEqualTo(heard);
            heard = output.getEndUs();
            long before = output.getStartUs();
            for (Word word : caption.getWords()) {
                assertThat(word.getStartUs()).isBetween(before, output.getEndUs());
                assertThat(word.getEndUs()).isBetween(word.getStartUs(), output.getEndUs());
                before = word.getStartUs();
            }
            assertThat(caption.getText())
                    .isEqualTo(
                            caption.getWords().stream()
                                    .map(Word::getText)
                                    .collect(Collectors.joining(" ")));
        }
    }

    @Test
    void orderOfCallsFramingAndCrashesChangeNoByte() {
        short[] part = seconds(0, 11);
        List<OutputEvent> undisturbed =
                play(log("whisper-tiny.en", part, () -> 320, opening -> {}), 1, 0)
                        .byStream()
                        .get(Stream.CAPTIONS);
        assertThat(undisturbed).hasSizeGreaterThan(2);

        for (long seed = 2; seed < 5; seed++) {
            Random random = new Random(seed);
            List<MediaEvent> log =
                    log("whisper-tiny.en", part, () -> 200 + random.nextInt(9000), opening -> {});
            assertThat(play(log, seed, 0).byStream().get(Stream.CAPTIONS)).isEqualTo(undisturbed);
            ProgramRun crashed = play(log, seed, 40);
            assertThat(crashed.byStream().get(Stream.CAPTIONS)).isEqualTo(undisturbed);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30, 3000})
    void silenceAndNoiseHaveNoWords(int loudness) {
        Random random = new Random(1);
        short[] noise = new short[20 * 16_000];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (short) Math.round(loudness * random.nextGaussian());
        }

        assertThat(text(play(log("whisper-base", noise, () -> 320, opening -> {}), 1, 0)))
                .isEmpty();
    }

    @Test
    void theLanguageThatIsSaidIsTaken() {
        ProgramRun run =
                play(
                        log(
                                "whisper-base",
                                seconds(0, 5),
                                () -> 320,
                                opening -> opening.setLanguage("fr")),
                        1,
                        0);

        assertThat(captions(run))
                .isNotEmpty()
                .allMatch(output -> ((Caption) output.getPayload()).getLanguage().equals("fr"));
    }

    @Test
    void promptAndVocabularyBiasIt() {
        short[] part = seconds(0, 9);
        String plain = text(play(log("whisper-base", part, () -> 320, opening -> {}), 1, 0));
        String biased =
                text(
                        play(
                                log(
                                        "whisper-base",
                                        part,
                                        () -> 320,
                                        opening ->
                                                opening.setPrompt(
                                                                "THE SPEAKER READS IT ALOUD. ALL"
                                                                        + " IS WRITTEN IN CAPITALS.")
                                                        .setVocabulary(
                                                                List.of("THE BEST OF TIMES"))),
                                1,
                                0));

        assertThat(biased).isNotEqualTo(plain).containsIgnoringCase("the best of times");
    }
}
