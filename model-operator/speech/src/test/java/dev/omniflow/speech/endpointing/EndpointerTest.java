package dev.omniflow.speech.endpointing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.speech.endpointing.Endpointer.Step;
import dev.omniflow.speech.endpointing.Endpointer.Utterance;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EndpointerTest {
    private static final int CHUNK = Endpointer.CHUNK;

    /** Small, so that random speech meets every limit: 50, 20, 40 and 100 chunks. */
    private static final EndpointingOptions SMALL =
            new EndpointingOptions(0.5f, 0.35f, 96, 320, 160, 1280, 3200, 96);

    /** So many chunks of one voice activity. */
    private record Stretch(int chunks, float probability) {}

    /** What a run over a channel gave. */
    private static final class Run {
        private final Endpointer endpointer;
        private final List<Step> steps = new ArrayList<>();
        private long position;

        Run(EndpointingOptions options) {
            endpointer = new Endpointer(options);
        }

        Run hear(int chunks, float probability) {
            for (int i = 0; i < chunks; i++) {
                steps.add(endpointer.accept(position, probability));
                position += CHUNK;
            }
            return this;
        }

        Run finish() {
            steps.add(endpointer.finish(position));
            return this;
        }

        List<Utterance> utterances() {
            return steps.stream().flatMap(step -> step.utterance().stream()).toList();
        }
    }

    @Provide
    Arbitrary<List<Stretch>> speech() {
        Arbitrary<Float> probability =
                Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(4, Arbitraries.just(0.9f)),
                        net.jqwik.api.Tuple.of(4, Arbitraries.just(0.05f)),
                        net.jqwik.api.Tuple.of(3, Arbitraries.floats().between(0, 1)));
        return Combinators.combine(Arbitraries.integers().between(1, 40), probability)
                .as(Stretch::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(25);
    }

    @Property
    void utterancesAreOrderedBoundedAndTheirPaddingSparesEarlierSpeech(
            @ForAll("speech") List<Stretch> speech) {
        Run run = new Run(SMALL);
        speech.forEach(stretch -> run.hear(stretch.chunks(), stretch.probability()));
        run.finish();

        long spoken = 0;
        for (Utterance utterance : run.utterances()) {
            assertThat(utterance.begin()).isGreaterThanOrEqualTo(spoken);
            assertThat(utterance.end()).isGreaterThan(utterance.begin());
            assertThat(utterance.audioBegin()).isBetween(spoken, utterance.begin());
            assertThat(utterance.audioEnd()).isBetween(utterance.end(), run.position);
            assertThat(utterance.begin() - utterance.audioBegin()).isLessThanOrEqualTo(96 * 16);
            assertThat(utterance.audioEnd() - utterance.end()).isLessThanOrEqualTo(96 * 16);
            assertThat(utterance.end() - utterance.begin()).isLessThan(3200 * 16 + CHUNK);
            spoken = utterance.end();
        }
    }

    @Property
    void speechStartsAndStopsInTurnAndWhatWasForgottenIsNotNeeded(
            @ForAll("speech") List<Stretch> speech) {
        Endpointer endpointer = new Endpointer(SMALL);
        boolean open = false;
        long position = 0;
        long forgotten = 0;
        for (Stretch stretch : speech) {
            for (int i = 0; i < stretch.chunks(); i++) {
                Step step = endpointer.accept(position, stretch.probability());
                position += CHUNK;
                if (step.speechStarted().isPresent()) {
                    assertThat(open).isFalse();
                    open = true;
                }
                if (step.speechEnded().isPresent()) {
                    assertThat(open).isTrue();
                    open = endpointer.speaking();
                }
                assertThat(endpointer.speaking()).isEqualTo(open);
                if (step.utterance().isPresent()) {
                    assertThat(step.utterance().get().audioBegin())
                            .isGreaterThanOrEqualTo(forgotten);
                }
                assertThat(endpointer.neededFrom(position)).isGreaterThanOrEqualTo(forgotten);
                forgotten = endpointer.neededFrom(position);
            }
        }
    }

    @Property
    void goesOnFromItsStateAsIfNothingHadHappened(
            @ForAll("speech") List<Stretch> speech, @ForAll @IntRange(max = 500) int restartAfter) {
        Run whole = new Run(SMALL);
        speech.forEach(stretch -> whole.hear(stretch.chunks(), stretch.probability()));
        whole.finish();

        Endpointer endpointer = new Endpointer(SMALL);
        List<Step> steps = new ArrayList<>();
        long position = 0;
        for (Stretch stretch : speech) {
            for (int i = 0; i < stretch.chunks(); i++) {
                if (position == (long) restartAfter * CHUNK) {
                    Endpointer restored = new Endpointer(SMALL);
                    restored.restore(endpointer.state());
                    endpointer = restored;
                }
                steps.add(endpointer.accept(position, stretch.probability()));
                position += CHUNK;
            }
        }
        steps.add(endpointer.finish(position));

        assertThat(steps).isEqualTo(whole.steps);
    }

    @Test
    void aBlipIsNoUtterance() {
        Run run = new Run(SMALL).hear(10, 0.05f).hear(2, 0.9f).hear(20, 0.05f);

        assertThat(run.utterances()).isEmpty();
        assertThat(run.steps.get(10).speechStarted()).contains(10L * CHUNK);
        assertThat(run.steps.get(21).speechEnded()).contains(12L * CHUNK);
        assertThat(run.endpointer.speaking()).isFalse();
    }

    @Test
    void aPauseEndsAnUtteranceWithItsPadding() {
        Run run = new Run(SMALL).hear(10, 0.05f).hear(20, 0.9f).hear(10, 0.05f);

        assertThat(run.utterances())
                .containsExactly(new Utterance(10 * CHUNK, 30 * CHUNK, 7 * CHUNK, 33 * CHUNK));
    }

    @Test
    void hysteresisBridgesDoubt() {
        Run run = new Run(SMALL).hear(5, 0.9f).hear(20, 0.4f).hear(5, 0.9f).hear(10, 0.05f);

        assertThat(run.utterances()).hasSize(1);
        assertThat(run.utterances().get(0).end()).isEqualTo(30L * CHUNK);
    }

    @Test
    void aPauseDoesNotEndByDoubt() {
        Run run = new Run(SMALL).hear(10, 0.9f).hear(1, 0.1f).hear(9, 0.4f);

        assertThat(run.utterances()).hasSize(1);
        assertThat(run.utterances().get(0).end()).isEqualTo(10L * CHUNK);
    }

    @Test
    void afterALongTimeAShorterPauseIsEnough() {
        assertThat(new Run(SMALL).hear(39, 0.9f).hear(5, 0.05f).utterances()).isEmpty();
        assertThat(new Run(SMALL).hear(40, 0.9f).hear(5, 0.05f).utterances())
                .extracting(Utterance::end)
                .containsExactly(40L * CHUNK);
    }

    @Test
    void cutsAtTheLongestPauseThatLeavesEnoughBefore() {
        // The longest pause of all is too early to cut at; it must not hide the ones that follow.
        Run run =
                new Run(SMALL)
                        .hear(5, 0.9f)
                        .hear(9, 0.05f)
                        .hear(16, 0.9f)
                        .hear(4, 0.05f)
                        .hear(10, 0.9f)
                        .hear(2, 0.05f)
                        .hear(54, 0.9f);

        assertThat(run.utterances()).containsExactly(new Utterance(0, 30 * CHUNK, 0, 33 * CHUNK));
        assertThat(run.steps.get(99).speechEnded()).contains(30L * CHUNK);
        assertThat(run.endpointer.speaking()).isTrue();
        assertThat(run.endpointer.state().speechBegin()).isEqualTo(34L * CHUNK);
    }

    @Test
    void cutsWhereItWasQuietestIfThereIsNoPause() {
        Run run = new Run(SMALL).hear(10, 0.9f).hear(1, 0.4f).hear(60, 0.9f).hear(1, 0.5f);
        run.hear(28, 0.9f);

        long at = 71L * CHUNK + CHUNK / 2;
        assertThat(run.utterances()).containsExactly(new Utterance(0, at, 0, at));
        assertThat(run.finish().utterances().get(1))
                .isEqualTo(new Utterance(at, 100 * CHUNK, at, 100 * CHUNK));
    }

    @Test
    void cutsAtThePauseThatIsOpen() {
        Run run = new Run(SMALL).hear(97, 0.9f).hear(3, 0.05f);

        assertThat(run.utterances()).containsExactly(new Utterance(0, 97 * CHUNK, 0, 100 * CHUNK));
        assertThat(run.endpointer.speaking()).isFalse();
    }

    @Test
    void whatWasCommittedWithinAChunkIsNotHeardAgain() {
        Endpointer endpointer = new Endpointer(SMALL);
        for (int chunk = 0; chunk < 10; chunk++) {
            endpointer.accept((long) chunk * CHUNK, 0.9f);
        }
        long committed = 10 * CHUNK + 200;
        assertThat(endpointer.finish(committed).utterance())
                .contains(new Utterance(0, committed, 0, committed));

        assertThat(endpointer.accept(10 * CHUNK, 0.9f).speechStarted()).contains(committed);
        for (int chunk = 11; chunk < 20; chunk++) {
            endpointer.accept((long) chunk * CHUNK, 0.9f);
        }
        assertThat(endpointer.finish(20 * CHUNK).utterance())
                .contains(new Utterance(committed, 20 * CHUNK, committed, 20 * CHUNK));
    }

    @Test
    void silenceHasNothingToFinish() {
        assertThat(new Run(SMALL).finish().hear(30, 0.2f).finish().steps)
                .allMatch(step -> step.equals(Step.NOTHING));
    }
}
