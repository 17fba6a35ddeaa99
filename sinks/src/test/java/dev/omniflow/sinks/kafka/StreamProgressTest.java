package dev.omniflow.sinks.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.sinks.kafka.StreamProgress.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StreamProgressTest {
    @Property(tries = 200)
    void saysNewExactlyOnceForEachNumber(
            @ForAll List<@IntRange(min = 0, max = 40) Integer> numbers,
            @ForAll @IntRange(min = 1, max = 3) int contents) {
        StreamProgress progress = new StreamProgress();
        Map<Integer, Integer> seen = new HashMap<>();
        for (int i = 0; i < numbers.size(); i++) {
            int number = numbers.get(i);
            int hash = i % contents;
            Verdict expected =
                    !seen.containsKey(number)
                            ? Verdict.NEW
                            : seen.get(number) == hash ? Verdict.REPEATED : Verdict.DIVERGED;
            assertThat(progress.take(number, hash)).isEqualTo(expected);
            seen.putIfAbsent(number, hash);
        }
    }

    @Test
    void whatIsTooOldToKnowCountsAsSeen() {
        StreamProgress progress = new StreamProgress();
        for (int i = 0; i < 1000; i++) {
            assertThat(progress.take(i, i)).isEqualTo(Verdict.NEW);
        }
        assertThat(progress.take(999, 0)).isEqualTo(Verdict.DIVERGED);
        assertThat(progress.take(744, 744)).isEqualTo(Verdict.REPEATED);
        assertThat(progress.take(743, 0)).isEqualTo(Verdict.REPEATED);
        assertThat(progress.take(0, 7)).isEqualTo(Verdict.REPEATED);
        assertThat(progress.next()).isEqualTo(1000);
    }

    @Test
    void whatComesLateIsStillNew() {
        StreamProgress progress = new StreamProgress();
        progress.take(0, 1);
        progress.take(300, 1);
        assertThat(progress.take(299, 1)).isEqualTo(Verdict.NEW);
        assertThat(progress.take(299, 1)).isEqualTo(Verdict.REPEATED);
        assertThat(progress.take(1, 1)).isEqualTo(Verdict.REPEATED);
    }
}
