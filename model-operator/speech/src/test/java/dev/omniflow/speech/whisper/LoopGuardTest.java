package dev.omniflow.speech.whisper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.junit.jupiter.api.Test;

class LoopGuardTest {
    private static final double SLOWLY = 1000;

    @Test
    void speechThatRepeatsALittleIsNoLoop() {
        assertThat(LoopGuard.loopEnd(List.of(), SLOWLY)).isEqualTo(-1);
        assertThat(LoopGuard.loopEnd(List.of(1, 1), SLOWLY)).isEqualTo(-1);
        assertThat(LoopGuard.loopEnd(List.of(1, 2, 1, 2), SLOWLY)).isEqualTo(-1);
        assertThat(LoopGuard.loopEnd(List.of(9, 1, 2, 3, 1, 2, 3), SLOWLY)).isEqualTo(-1);
    }

    @Test
    void threeTimesIsALoopAndKeepsTheFirst() {
        assertThat(LoopGuard.loopEnd(List.of(9, 1, 2, 3, 1, 2, 3, 1, 2, 3), SLOWLY)).isEqualTo(4);
    }

    @Test
    void twiceIsALoopIfNobodySpeaksSoFast() {
        assertThat(LoopGuard.loopEnd(List.of(9, 1, 2, 3, 1, 2, 3), 1)).isEqualTo(4);
        assertThat(LoopGuard.loopEnd(List.of(9, 1, 2, 3, 1, 2, 3), 1.4)).isEqualTo(-1);
    }

    @Test
    void aWholeSentenceTwiceIsALoop() {
        List<Integer> sentence = IntStream.range(0, 8).boxed().toList();
        List<Integer> twice = new ArrayList<>(sentence);
        twice.addAll(sentence);

        assertThat(LoopGuard.loopEnd(twice, SLOWLY)).isEqualTo(8);
        assertThat(LoopGuard.loopEnd(twice.subList(1, 16), SLOWLY)).isEqualTo(-1);
    }

    @Property
    void tokensThatAreAllDifferentAreNoLoop(
            @ForAll @Size(max = 100) @UniqueElements List<Integer> tokens) {
        assertThat(LoopGuard.loopEnd(tokens, 0)).isEqualTo(-1);
    }

    @Property
    void whatIsKeptIsABeginningAndWhatIsCutRepeatsIt(
            @ForAll @Size(max = 60) List<@IntRange(max = 2) Integer> tokens,
            @ForAll @IntRange(max = 30) int seconds) {
        int end = LoopGuard.loopEnd(tokens, seconds);
        if (end >= 0) {
            assertThat(end).isBetween(3, tokens.size() - 3);
            int cut = tokens.size() - end;
            boolean repeats = false;
            for (int length = 3; length <= cut; length++) {
                repeats |=
                        cut % length == 0
                                && end >= length
                                && tokens.subList(end - length, tokens.size() - length)
                                        .equals(tokens.subList(end, tokens.size()));
            }
            assertThat(repeats).isTrue();
        }
    }
}
