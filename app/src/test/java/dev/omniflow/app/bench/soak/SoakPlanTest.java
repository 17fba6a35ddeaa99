package dev.omniflow.app.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakPlanTest {
    private final SoakPlan plan =
            new SoakPlan(2000, Duration.ofMinutes(10), Duration.ofSeconds(20));

    @Test
    void opensSessionsEvenly() {
        assertThat(plan.opensAt(0)).isZero();
        assertThat(plan.opensAt(1000)).isEqualTo(Duration.ofMinutes(5));
        assertThat(plan.opensAt(1999)).isLessThan(Duration.ofMinutes(10));
    }

    @Test
    void everyOtherOneEnds() {
        assertThat(plan.ended() + plan.abandoned()).isEqualTo(2000);
        assertThat(IntStream.range(0, 2000).filter(plan::ends)).hasSize(plan.ended());
        assertThat(new SoakPlan(3, Duration.ofMinutes(1), Duration.ofSeconds(1)).ended())
                .isEqualTo(2);
    }

    @Test
    void ofThoseThatHearSpeechSomeEndAndSomeAreLeft() {
        long ended = IntStream.range(0, 2000).filter(plan::speaks).filter(plan::ends).count();
        long all = IntStream.range(0, 2000).filter(plan::speaks).count();
        assertThat(all).isEqualTo(182);
        assertThat(ended).isEqualTo(91);
    }

    @Test
    void warmsUpAtTheSameRate() {
        SoakPlan warmUp = plan.warmUp();
        assertThat(warmUp.opening()).isEqualTo(Duration.ofSeconds(40));
        assertThat(warmUp.sessions()).isEqualTo(133);
        assertThat(warmUp.life()).isEqualTo(plan.life());
        assertThat(
                        new SoakPlan(2, Duration.ofSeconds(1), Duration.ofSeconds(20))
                                .warmUp()
                                .sessions())
                .isEqualTo(2);
    }
}
