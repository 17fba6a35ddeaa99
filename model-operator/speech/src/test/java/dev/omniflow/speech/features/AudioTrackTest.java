package dev.omniflow.speech.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AudioTrackTest {
    private static final int SPACE = 400;

    /** One thing that may happen to a track. */
    private enum Kind {
        PUT,
        EXTEND,
        FORGET
    }

    private record Step(Kind kind, int at, int length, short value) {}

    /** The same in the most naive way: every sample has its place in one array. */
    private static final class Model {
        private final short[] samples = new short[2 * SPACE];
        private int end;

        void put(int begin, short[] put) {
            for (int i = 0; i < put.length; i++) {
                if (begin + i >= end) {
                    samples[begin + i] = put[i];
                }
            }
            end = put.length == 0 ? end : Math.max(end, begin + put.length);
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class),
                        Arbitraries.integers().between(0, SPACE - 1),
                        Arbitraries.integers().between(0, 50),
                        Arbitraries.shorts())
                .as(Step::new)
                .list()
                .ofMaxSize(30);
    }

    @Property
    void holdsWhatWasPutFirst(@ForAll("steps") List<Step> steps) {
        AudioTrack track = new AudioTrack();
        Model model = new Model();
        int forgotten = 0;
        for (Step step : steps) {
            switch (step.kind()) {
                case PUT -> {
                    short[] samples = new short[step.length()];
                    for (int i = 0; i < samples.length; i++) {
                        samples[i] = (short) (step.value() + i);
                    }
                    track.put(step.at(), samples);
                    model.put(step.at(), samples);
                }
                case EXTEND -> {
                    track.extendTo(step.at());
                    model.end = Math.max(model.end, step.at());
                }
                case FORGET -> {
                    track.forgetBefore(step.at());
                    forgotten = Math.max(forgotten, step.at());
                }
            }
            assertThat(track.end()).isEqualTo(model.end);
            float[] all = track.floats(forgotten, 2 * SPACE);
            for (int i = 0; i < all.length; i++) {
                assertThat(all[i]).isEqualTo(model.samples[forgotten + i] / 32768f);
            }
        }
    }

    @Test
    void whatLiesBeforeTheBeginningIsSilence() {
        AudioTrack track = new AudioTrack();
        track.put(0, new short[] {32767, -32768});

        assertThat(track.floats(-2, 3)).containsExactly(0, 0, 32767 / 32768f, -1, 0);
    }
}
