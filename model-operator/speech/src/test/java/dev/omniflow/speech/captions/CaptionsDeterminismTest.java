package dev.omniflow.speech.captions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntSupplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Same input, same output: whatever the order of calls, the framing of the audio, the crashes. */
class CaptionsDeterminismTest {
    private static Path folder;
    private static CaptionsProgramFactory programs;

    @BeforeContainer
    static void makePrograms() throws IOException {
        folder = Files.createTempDirectory("omniflow-determinism");
        programs = FakeSpeechRuntime.programs(folder);
    }

    @AfterContainer
    static void deleteThem() throws IOException {
        try (java.util.stream.Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Lengths of silence and speech in turn, in milliseconds. */
    @Provide
    Arbitrary<int[]> talk() {
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(6, Arbitraries.integers().between(30, 900)),
                        net.jqwik.api.Tuple.of(3, Arbitraries.integers().between(900, 3000)),
                        net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(14_000, 29_000)))
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(7);
    }

    private static Map<Stream, List<OutputEvent>> play(
            List<MediaEvent> log, long seed, int crashOneIn) {
        FakeSpeechRuntime runtime = new FakeSpeechRuntime();
        ProgramRun run = new ProgramRun(programs, runtime, new Random(seed)).play(log, crashOneIn);
        assertThat(run.ended()).isTrue();
        assertThat(runtime.openCaches()).isZero();
        return run.byStream();
    }

    private static CaptionEvents log(int[] talk, IntSupplier frameSize) {
        short[] samples = CaptionEvents.audio(talk);
        return new CaptionEvents()
                .start()
                .speak(0, 0, samples, frameSize)
                .event(
                        Times.microseconds(samples.length),
                        new dev.omniflow.schemas.SessionEnd(
                                dev.omniflow.schemas.EndReason.COMPLETED, ""));
    }

    @Property(tries = 10)
    void framesOfAnySizeGiveTheSame(@ForAll("talk") int[] talk, @ForAll long seed) {
        Random random = new Random(seed);
        List<MediaEvent> even = log(talk, () -> 320).log();
        List<MediaEvent> uneven = log(talk, () -> 1 + random.nextInt(5000)).log();

        assertThat(play(uneven, seed, 0)).isEqualTo(play(even, 1, 0));
    }

    @Property(tries = 15)
    void crashesAtAnyPointChangeNothing(
            @ForAll("talk") int[] talk,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int crashOneIn) {
        Random random = new Random(seed);
        List<MediaEvent> log = log(talk, () -> 300 + random.nextInt(4000)).log();

        assertThat(play(log, seed, Math.max(2, crashOneIn))).isEqualTo(play(log, 1, 0));
    }

    @Property(tries = 15)
    void logsOfAllKindsOfEventsAreReplayedToTheSame(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int crashOneIn) {
        List<MediaEvent> log = wildLog(new Random(seed));

        Map<Stream, List<OutputEvent>> undisturbed = play(log, 1, 0);

        assertThat(play(log, seed, crashOneIn)).isEqualTo(undisturbed);
        assertThat(play(log, seed + 1, 0)).isEqualTo(undisturbed);
    }

    /** Two channels, holes, gaps, commits, overlapping frames, sometimes something refused. */
    private static List<MediaEvent> wildLog(Random random) {
        CaptionEvents log = new CaptionEvents().start(opening -> opening.setChannels(2));
        long ms = 0;
        for (int i = 0; i < 40; i++) {
            int length = 20 + random.nextInt(1200);
            switch (random.nextInt(10)) {
                case 0 -> log.gap(ms, length, random.nextInt(3) - 1);
                case 1 -> log.commit(ms);
                case 2 -> log.tick(ms);
                case 3 -> ms += random.nextInt(12) * 1000L;
                case 4 -> log.speak(ms, 0, CaptionEvents.audio(length), () -> 1600);
                default -> {
                    log.speak(
                            ms,
                            random.nextInt(4) == 0 ? 1 : 0,
                            CaptionEvents.audio(random.nextInt(300), length),
                            () -> 160 + random.nextInt(8000));
                    ms += random.nextInt(3) == 0 ? length / 2 : length;
                }
            }
        }
        if (random.nextBoolean()) {
            log.gap(ms, 1, 7);
        }
        return log.end(ms + 5).log();
    }
}
