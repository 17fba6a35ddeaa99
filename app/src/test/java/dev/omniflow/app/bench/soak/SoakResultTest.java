package dev.omniflow.app.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SoakResultTest {
    private static final SoakPlan PLAN =
            new SoakPlan(100, Duration.ofSeconds(10), Duration.ofSeconds(1));
    private static final Footprint BEFORE =
            new Footprint(60_000_000, 40_000_000, 500_000_000, 0, 7_000_000, 30_000, 0);
    private static final Footprint PEAK =
            new Footprint(90_000_000, 70_000_000, 800_000_000, 9_000_000, 9_000_000, 900_000, 40);

    private static SoakResult result(Footprint after, long expired, long dropped) {
        return new SoakResult(PLAN, BEFORE, PEAK, after, expired, dropped);
    }

    @Test
    void returnsWhenOnlyTheRemembranceOfEndedSessionsIsMore() {
        Footprint after =
                new Footprint(61_000_000, 41_000_000, 520_000_000, 0, 8_000_000, 32_000, 0);
        SoakResult result = result(after, 50, 0);
        assertThat(result.notReturned()).isEmpty();
        assertThat(result.markerBytes()).isEqualTo(20);
        assertThat(result.json().get("returned").asBoolean()).isTrue();
        assertThat(result.json().get("heap_mb_after").asDouble()).isEqualTo(61);
        assertThat(result.text()).endsWith("all of it returned\n");
    }

    @Test
    void namesWhatDidNot() {
        Footprint after = new Footprint(160_000_000, 140_000_000, 900_000_000, 1, 0, 930_000, 2);
        SoakResult result = result(after, 49, 3);
        assertThat(result.notReturned())
                .containsExactly(
                        "heap",
                        "direct memory",
                        "resident memory",
                        "tensors in use",
                        "state",
                        "sessions in memory",
                        "forgotten sessions",
                        "dropped inputs");
        assertThat(result.json().get("returned").asBoolean()).isFalse();
        assertThat(result.json().get("not_returned")).hasSize(8);
        assertThat(result.text()).contains("did not return: heap, direct memory");
    }

    @Test
    void readsTheSystemsLine() {
        assertThat(Footprint.kibibytes("VmRSS:\t  812340 kB")).isEqualTo(812_340L * 1024);
    }
}
