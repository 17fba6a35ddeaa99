package dev.omniflow.speech.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.schemas.AudioEncoding;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Fault;
import dev.omniflow.schemas.Gap;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.TurnEvent;
import dev.omniflow.schemas.TurnKind;
import dev.omniflow.schemas.Usage;
import dev.omniflow.schemas.Word;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CaptionsProgramTest {
    @TempDir private static Path folder;
    private static CaptionsProgramFactory programs;

    @BeforeAll
    static void makePrograms() {
        programs = FakeSpeechRuntime.programs(folder);
    }

    private static ProgramRun run(CaptionEvents log) {
        return run(log, new FakeSpeechRuntime());
    }

    private static ProgramRun run(CaptionEvents log, FakeSpeechRuntime runtime) {
        ProgramRun run = new ProgramRun(programs, runtime, new Random(1)).play(log.log(), 0);
        assertStreamsAreNumberedAndEnd(run);
        assertThat(runtime.openCaches()).isZero();
        return run;
    }

    private static void assertStreamsAreNumberedAndEnd(ProgramRun run) {
        assertThat(run.ended()).isTrue();
        assertThat(run.byStream())
                .containsOnlyKeys(Stream.CAPTIONS, Stream.TURNS, Stream.USAGE)
                .allSatisfy(
                        (stream, outputs) -> {
                            long last = outputs.size() - 1L;
                            assertThat(outputs)
                                    .extracting(OutputEvent::getSequence)
                                    .containsExactlyElementsOf(
                                            IntStream.rangeClosed(0, (int) last)
                                                    .mapToObj(Long::valueOf)
                                                    .toList());
                            assertThat(outputs.get((int) last).getPayload())
                                    .isEqualTo(new StreamEnd(last));
                            assertThat(outputs)
                                    .allMatch(output -> output.getSession().equals("s-1"))
                                    .allMatch(output -> output.getTenant().equals("acme"));
                        });
    }

    private static <T> List<T> payloads(ProgramRun run, Class<T> type) {
        return run.outputs().stream()
                .map(OutputEvent::getPayload)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    @Test
    void twoUtterancesBecomeTwoCaptions() {
        ProgramRun run =
                run(
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, CaptionEvents.audio(500, 1000, 900, 1500, 800))
                                .end(4700));

        List<Caption> captions = payloads(run, Caption.class);
        assertThat(captions).extracting(Caption::getUtterance).containsExactly(0L, 1L);
        assertThat(captions)
                .allSatisfy(
                        caption -> {
                            assertThat(caption.getText()).isNotBlank();
                            assertThat(caption.getText())
                                    .isEqualTo(
                                            String.join(
                                                    " ",
                                                    caption.getWords().stream()
                                                            .map(Word::getText)
                                                            .toList()));
                            assertThat(caption.getConfidence()).isBetween(0f, 1f);
                        });
        assertThat(payloads(run, TurnEvent.class))
                .extracting(TurnEvent::getKind)
                .containsExactly(
                        TurnKind.SPEECH_STARTED,
                        TurnKind.SPEECH_STOPPED,
                        TurnKind.SPEECH_STARTED,
                        TurnKind.SPEECH_STOPPED);
        Usage usage = payloads(run, Usage.class).get(0);
        assertThat(usage.getAudioInUs()).isEqualTo(4_700_000);
        assertThat(usage.getSpeechInUs()).isBetween(2_400_000L, 2_600_000L);
        assertThat(usage.getTokensOut()).isPositive();
        assertThat(usage.getTokensIn()).isGreaterThan(usage.getTokensOut());
        for (OutputEvent output : run.byStream().get(Stream.CAPTIONS)) {
            assertThat(output.getModel())
                    .isEqualTo(FakeSpeechRuntime.VOICE + " " + FakeSpeechRuntime.WHISPER);
            if (output.getPayload() instanceof Caption caption) {
                long before = output.getStartUs();
                for (Word word : caption.getWords()) {
                    assertThat(word.getStartUs()).isBetween(before, output.getEndUs());
                    assertThat(word.getEndUs()).isGreaterThanOrEqualTo(word.getStartUs());
                    before = word.getStartUs();
                }
            }
        }
    }

    @Test
    void anEmptySessionHasNoCaptions() {
        ProgramRun run = run(new CaptionEvents().start().end(0));

        assertThat(run.byStream().get(Stream.CAPTIONS)).hasSize(1);
        assertThat(payloads(run, Usage.class)).containsExactly(new Usage(0L, 0L, 0L, 0L, 0L, 0L));
    }

    @Test
    void silenceHasNoCaptions() {
        ProgramRun run =
                run(
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, CaptionEvents.audio(20_000))
                                .end(20_000));

        assertThat(payloads(run, Caption.class)).isEmpty();
        assertThat(payloads(run, TurnEvent.class)).isEmpty();
        assertThat(run.mostKept()).isLessThan(30);
    }

    @Test
    void speechThatTheEndCutsOffIsHeard() {
        ProgramRun run =
                run(
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, CaptionEvents.audio(100, 1000))
                                .end(1100));

        assertThat(payloads(run, Caption.class)).hasSize(1);
        assertThat(run.byStream().get(Stream.CAPTIONS).get(0).getEndUs()).isEqualTo(1_100_000);
    }

    @Test
    void aCommitEndsTheUtteranceAtOnce() {
        short[] speech = CaptionEvents.audio(100, 3000, 700);
        short[] first = java.util.Arrays.copyOfRange(speech, 0, 16 * 1510);
        short[] second = java.util.Arrays.copyOfRange(speech, 16 * 1510, speech.length);
        ProgramRun run =
                run(
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, first)
                                .commit(1510)
                                .commit(1510)
                                .speak(1510, 0, second)
                                .end(3800));

        List<OutputEvent> captions =
                run.byStream().get(Stream.CAPTIONS).stream()
                        .filter(output -> output.getPayload() instanceof Caption)
                        .toList();
        assertThat(captions).hasSize(2);
        assertThat(captions.get(0).getEndUs()).isEqualTo(1_510_000);
        assertThat(captions.get(1).getStartUs()).isEqualTo(1_510_000);
    }

    @Test
    void aShortGapIsSilenceWithinTheSpeech() {
        ProgramRun run =
                run(
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, CaptionEvents.audio(0, 1000))
                                .gap(1000, 200, -1)
                                .speak(1200, 0, CaptionEvents.audio(0, 1000, 700))
                                .end(2900));

        assertThat(payloads(run, Caption.class)).hasSize(1);
        assertThat(payloads(run, Usage.class).get(0).getAudioInUs()).isEqualTo(2_700_000);
    }

    @ParameterizedTest
    @MethodSource("holes")
    void aLongHoleEndsTheSpeechBeforeIt(String how, CaptionEvents log) {
        ProgramRun run = run(log);

        List<OutputEvent> captions = run.byStream().get(Stream.CAPTIONS);
        assertThat(payloads(run, Caption.class)).as(how).hasSize(2);
        assertThat(captions.get(0).getEndUs()).isEqualTo(1_000_000);
        assertThat(captions.get(1).getStartUs()).isBetween(3_600_900_000L, 3_601_000_000L);
    }

    static java.util.stream.Stream<Arguments> holes() {
        short[] speech = CaptionEvents.audio(0, 1000);
        short[] later = CaptionEvents.audio(1000, 1000, 700);
        long back = 3_600_000;
        return java.util.stream.Stream.of(
                Arguments.of(
                        "a gap",
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, speech)
                                .gap(1000, back - 1000, 0)
                                .speak(back, 0, later)
                                .end(back + 2700)),
                Arguments.of(
                        "nothing at all",
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, speech)
                                .speak(back, 0, later)
                                .end(back + 2700)),
                Arguments.of(
                        "ticks",
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, speech)
                                .tick(7000)
                                .tick(back)
                                .speak(back, 0, later)
                                .end(back + 2700)));
    }

    @Test
    void aTickTellsThatTheSpeakerIsGone() {
        CaptionEvents log =
                new CaptionEvents().start().speak(0, 0, CaptionEvents.audio(0, 1000)).tick(6500);
        ProgramRun run =
                new ProgramRun(programs, new FakeSpeechRuntime(), new Random(1)).play(log.log(), 0);

        assertThat(payloads(run, Caption.class)).hasSize(1);
    }

    @Test
    void aGapOfAbsurdLengthHarmsNobody() {
        ProgramRun run =
                run(
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, CaptionEvents.audio(0, 1000))
                                .event(1_000_000, new Gap(Long.MAX_VALUE, -1, "damaged"))
                                .end(1000));

        assertThat(payloads(run, Caption.class)).hasSize(1);
    }

    @Test
    void channelsAreHeardApart() {
        CaptionEvents log = new CaptionEvents().start(opening -> opening.setChannels(2));
        short[] left = CaptionEvents.audio(0, 1000, 2000);
        short[] right = CaptionEvents.audio(1500, 1000, 500);
        for (int ms = 0; ms < 3000; ms += 20) {
            log.speak(ms, 0, java.util.Arrays.copyOfRange(left, ms * 16, ms * 16 + 320));
            log.speak(ms, 1, java.util.Arrays.copyOfRange(right, ms * 16, ms * 16 + 320));
        }
        ProgramRun run = run(log.end(3000));

        assertThat(payloads(run, Caption.class))
                .extracting(Caption::getChannel)
                .containsExactly(0, 1);
    }

    @Test
    void aChannelThatFallsSilentKeepsNothingOfTheOther() {
        CaptionEvents log =
                new CaptionEvents()
                        .start(opening -> opening.setChannels(2))
                        .speak(0, 1, CaptionEvents.audio(0, 200));
        int[] talk = new int[40];
        java.util.Arrays.fill(talk, 1000);
        log.speak(0, 0, CaptionEvents.audio(talk)).end(40_000);

        assertThat(run(log).mostKept()).isLessThan(600);
    }

    @Test
    void aChannelThatNeverSpeaksKeepsNothingAfterARestore() {
        CaptionEvents log = new CaptionEvents().start(opening -> opening.setChannels(2));
        int[] talk = new int[40];
        java.util.Arrays.fill(talk, 1000);
        log.speak(0, 0, CaptionEvents.audio(talk)).end(40_000);

        ProgramRun run =
                new ProgramRun(programs, new FakeSpeechRuntime(), new Random(1))
                        .play(log.log(), 50);

        assertThat(run.ended()).isTrue();
        assertThat(run.mostKept()).isLessThan(600);
    }

    @Test
    void theLanguageIsDetectedOrAsSaid() {
        CaptionEvents log =
                new CaptionEvents()
                        .start(opening -> opening.setLanguage("fr"))
                        .speak(0, 0, CaptionEvents.audio(100, 1000, 700))
                        .end(1800);

        assertThat(payloads(run(log), Caption.class))
                .extracting(Caption::getLanguage)
                .containsExactly("fr");
    }

    @Test
    void aSessionWhoseModelIsGoneAfterARestoreEndsWithAFault(@TempDir Path folder) {
        CaptionsProgramFactory withoutRecogniser = FakeSpeechRuntime.programs(folder, false);
        List<MediaEvent> log =
                new CaptionEvents()
                        .start()
                        .speak(0, 0, CaptionEvents.audio(100, 1000, 700))
                        .tick(1800)
                        .tick(1900)
                        .end(2000)
                        .log();
        ProgramRun run = new ProgramRun(programs, new FakeSpeechRuntime(), new Random(1));
        run.play(log.subList(0, log.size() - 2), 0);
        long captions = payloads(run, Caption.class).size();
        assertThat(captions).isEqualTo(1);

        run.restoreWith(withoutRecogniser);
        assertThat(run.ended()).as("nothing happens before there is an input to blame").isFalse();
        // Its state is whole as long as it lasts.
        run.restoreWith(withoutRecogniser);
        run.play(log.subList(log.size() - 2, log.size()), 0);

        assertThat(run.ended()).isTrue();
        assertThat(payloads(run, Caption.class)).hasSize((int) captions);
        assertThat(payloads(run, Fault.class))
                .singleElement()
                .satisfies(
                        fault -> {
                            assertThat(fault.getCode()).isEqualTo("unknown-model");
                            assertThat(fault.getMessage())
                                    .contains("fake-whisper@1.0.0 is not installed");
                        });
    }

    @Test
    void aModelThatComesBackLetsTheSessionGoOn(@TempDir Path folder) {
        CaptionsProgramFactory withoutRecogniser = FakeSpeechRuntime.programs(folder, false);
        List<MediaEvent> log =
                new CaptionEvents()
                        .start()
                        .speak(0, 0, CaptionEvents.audio(100, 1000, 700, 900, 800))
                        .end(4000)
                        .log();
        List<OutputEvent> expected =
                new ProgramRun(programs, new FakeSpeechRuntime(), new Random(1))
                        .play(log, 0)
                        .outputs();
        ProgramRun run = new ProgramRun(programs, new FakeSpeechRuntime(), new Random(1));
        run.play(log.subList(0, 1), 0);

        run.restoreWith(withoutRecogniser);
        run.restoreWith(programs);

        assertThat(run.play(log.subList(1, log.size()), 0).outputs()).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void whatItCannotGoOnWithBecomesAFault(String code, String message, CaptionEvents log) {
        ProgramRun run = run(log);

        assertThat(payloads(run, Fault.class))
                .singleElement()
                .satisfies(
                        fault -> {
                            assertThat(fault.getCode()).isEqualTo(code);
                            assertThat(fault.getMessage()).contains(message);
                        });
        List<OutputEvent> captions = run.byStream().get(Stream.CAPTIONS);
        assertThat(captions.get(captions.size() - 2).getPayload()).isInstanceOf(Fault.class);
        assertThat(payloads(run, Usage.class)).hasSize(1);
    }

    static java.util.stream.Stream<Arguments> refusals() {
        return java.util.stream.Stream.of(
                refusal(
                        "missing-start",
                        "but AudioFrame came",
                        new CaptionEvents().speak(0, 0, CaptionEvents.audio(20))),
                refusal("missing-start", "but SessionEnd came", new CaptionEvents().end(0)),
                refusal("missing-start", "but Tick came", new CaptionEvents().tick(0)),
                refusal("repeated-start", "second", new CaptionEvents().start().start()),
                refusal(
                        "unknown-program",
                        "not 'moderation'",
                        new CaptionEvents().start(opening -> opening.setProgram("moderation"))),
                refusal(
                        "unknown-model",
                        "the session names no model for the role voice-activity",
                        new CaptionEvents().start(opening -> opening.setModels(Map.of()))),
                refusal(
                        "unknown-model",
                        "no model for the role speech-recognition: bundle x@1.0.0 is not installed",
                        new CaptionEvents()
                                .start(
                                        opening ->
                                                opening.setModels(
                                                        Map.of(
                                                                "voice-activity",
                                                                FakeSpeechRuntime.VOICE,
                                                                "speech-recognition",
                                                                "x@1.0.0")))),
                refusal(
                        "unknown-language",
                        "'tlh'",
                        new CaptionEvents().start(opening -> opening.setLanguage("tlh"))),
                refusal(
                        "bad-option",
                        "endOfUtteranceMs",
                        new CaptionEvents().start(opening -> opening.setEndOfUtteranceMs(99))),
                refusal(
                        "unreadable-input",
                        "1 to 16 channels, not 0",
                        new CaptionEvents().start(opening -> opening.setChannels(0))),
                unreadable("8000 Hz", AudioEncoding.PCM_S16LE, 8000, 0, 320),
                unreadable("MULAW", AudioEncoding.MULAW, 16_000, 0, 320),
                unreadable("whole 16 bit samples", AudioEncoding.PCM_S16LE, 16_000, 0, 321),
                unreadable("0 to 0, not 1", AudioEncoding.PCM_S16LE, 16_000, 1, 320),
                unreadable("0 to 0, not -1", AudioEncoding.PCM_S16LE, 16_000, -1, 320),
                refusal(
                        "unreadable-input",
                        "a gap of a length >= 0",
                        new CaptionEvents().start().gap(0, -1, 0)),
                refusal(
                        "unreadable-input",
                        "not 10000 us on 1",
                        new CaptionEvents().start().gap(0, 10, 1)));
    }

    private static Arguments refusal(String code, String message, CaptionEvents log) {
        return Arguments.of(code, message, log.end(0));
    }

    private static Arguments unreadable(
            String message, AudioEncoding encoding, int rate, int channel, int bytes) {
        return refusal(
                "unreadable-input",
                message,
                new CaptionEvents()
                        .start()
                        .event(0, CaptionEvents.frame(encoding, rate, channel, new byte[bytes])));
    }

    @Test
    void whatWasSaidBeforeAFaultIsNotLost() {
        ProgramRun run =
                run(
                        new CaptionEvents()
                                .start()
                                .speak(0, 0, CaptionEvents.audio(0, 1000, 700, 1000))
                                .start()
                                .end(2700));

        assertThat(run.byStream().get(Stream.CAPTIONS))
                .extracting(output -> output.getPayload().getClass().getSimpleName())
                .containsExactly("Caption", "Caption", "Fault", "StreamEnd");
    }

    @Test
    void aFailureOfVoiceActivityEndsListeningThere() {
        CaptionEvents log =
                new CaptionEvents()
                        .start()
                        .speak(0, 0, CaptionEvents.audio(0, 1000, 700, 1000, 700))
                        .end(3400);
        int[] chunks = {0};

        ProgramRun run =
                run(
                        log,
                        new FakeSpeechRuntime(
                                call -> call.graph().graph().equals("vad") && ++chunks[0] > 70));

        assertThat(run.byStream().get(Stream.CAPTIONS))
                .extracting(output -> output.getPayload().getClass().getSimpleName())
                .containsExactly("Caption", "Caption", "Fault", "StreamEnd");
        assertThat(payloads(run, Fault.class).get(0).getCode()).isEqualTo("graph-failed");
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(strings = {"encoder", "decoder"})
    void aFailureOfRecognitionEndsTheSession(String graph) {
        Predicate<GraphCall> fails = call -> call.graph().graph().equals(graph);
        CaptionEvents log =
                new CaptionEvents()
                        .start()
                        .speak(0, 0, CaptionEvents.audio(0, 1000, 700, 1000, 700))
                        .end(3400);

        ProgramRun run = run(log, new FakeSpeechRuntime(fails));

        assertThat(run.byStream().get(Stream.CAPTIONS))
                .extracting(output -> output.getPayload().getClass().getSimpleName())
                .containsExactly("Fault", "StreamEnd");
        assertThat(payloads(run, Fault.class).get(0).getMessage())
                .contains("does not like this input");
    }

    @Test
    void aStateOfAnotherSchemaIsRefused() {
        byte[] foreign = {(byte) 0xC3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0};

        assertThatThrownBy(
                        () ->
                                programs.create(
                                        new ProgramRun(
                                                programs, new FakeSpeechRuntime(), new Random(1)),
                                        Optional.of(foreign),
                                        List.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("restore it with the release that wrote it");
    }

    @Test
    void inputsComeInOrder() {
        var program =
                programs.create(
                        new ProgramRun(programs, new FakeSpeechRuntime(), new Random(1)),
                        Optional.empty(),
                        List.of());
        MediaEvent start = new CaptionEvents().start().log().get(0);

        assertThatThrownBy(() -> program.accept(1, start)).hasMessageContaining("expected input 0");
    }
}
