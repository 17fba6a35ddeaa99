package dev.omniflow.app.bench.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.omniflow.app.bench.checkpoints.CpuClock.OfThread;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuClockTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void partsAddUpToTheProcess() {
        CpuClock begin =
                new CpuClock(
                        10 * SECOND,
                        Map.of(
                                1L, new OfThread(Part.TASKS, 2 * SECOND),
                                2L, new OfThread(Part.BROKER, SECOND)));
        CpuClock end =
                new CpuClock(
                        20 * SECOND,
                        Map.of(
                                1L, new OfThread(Part.TASKS, 5 * SECOND),
                                // Began in between, while thread 2 ended.
                                3L, new OfThread(Part.TASKS, SECOND)));

        CpuUse use = end.since(begin);

        assertThat(use.seconds()).isEqualTo(10);
        assertThat(use.of(Part.TASKS)).isEqualTo(4);
        assertThat(use.of(Part.BROKER)).isZero();
        assertThat(use.of(Part.REST)).isCloseTo(6, within(1e-9));
    }

    @Test
    void readsThisProcess() {
        CpuClock clock = CpuClock.read();
        assertThat(clock.processNanos()).isPositive();
        assertThat(clock.threads()).containsKey(Thread.currentThread().getId());
    }
}
