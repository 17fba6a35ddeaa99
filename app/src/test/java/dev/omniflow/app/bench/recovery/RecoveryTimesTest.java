package dev.omniflow.app.bench.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecoveryTimesTest {
    private static final long MS = 1_000_000;

    private static Seen seen(String session, long sequence, long emittedUs, long ms) {
        return new Seen(SomeOutputs.emitted(session, sequence, "x", emittedUs), ms * MS);
    }

    @Test
    void countsFromTheKillToTheFirstNewOutputAfterTheRestart() {
        Kill kill = new Kill(100 * MS, 5000, Set.of("a", "b"));
        RecoveryTimes times =
                RecoveryTimes.of(
                        List.of(kill),
                        List.of(
                                seen("a", 0, 4000, 90),
                                // The tasks that lived on still spoke: that is no recovery.
                                seen("a", 1, 4500, 150),
                                seen("c", 0, 6000, 200),
                                seen("a", 2, 6000, 300),
                                seen("a", 3, 6100, 310),
                                seen("b", 0, 7000, 900)));
        assertThat(times.sessionsMs()).containsExactly(200L, 800L);
        assertThat(times.firstMs()).containsExactly(200L);
        assertThat(times.never()).isZero();
    }

    @Test
    void everyKillCountsForItself() {
        Kill first = new Kill(0, 10, Set.of("a"));
        Kill second = new Kill(50 * MS, 10, Set.of("a"));
        RecoveryTimes times =
                RecoveryTimes.of(List.of(first, second), List.of(seen("a", 0, 10, 80)));
        assertThat(times.sessionsMs()).containsExactly(80L, 30L);
        assertThat(times.firstMs()).containsExactly(80L, 30L);
    }

    @Test
    void tellsAfterWhichKillsNothingCame() {
        RecoveryTimes times =
                RecoveryTimes.of(List.of(new Kill(0, 10, Set.of("a", "b"))), List.of());
        assertThat(times.never()).isEqualTo(2);
        assertThat(times.sessionsMs()).isEmpty();
    }

    @Test
    void middleAndLongest() {
        assertThat(RecoveryTimes.median(List.of(9L, 1L, 5L))).isEqualTo(5);
        assertThat(RecoveryTimes.median(List.of(9L, 1L))).isEqualTo(9);
        assertThat(RecoveryTimes.longest(List.of(9L, 1L, 5L))).isEqualTo(9);
        assertThat(RecoveryTimes.median(List.of())).isEqualTo(-1);
        assertThat(RecoveryTimes.longest(List.of())).isEqualTo(-1);
    }
}
