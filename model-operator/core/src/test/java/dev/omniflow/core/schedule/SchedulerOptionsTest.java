package dev.omniflow.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SchedulerOptionsTest {
    private static final SchedulerOptions OPTIONS = SchedulerOptions.ofLanes(2);

    @Test
    void hasDefaults() {
        assertThat(OPTIONS)
                .isEqualTo(
                        new SchedulerOptions(
                                2,
                                4096,
                                Integer.MAX_VALUE,
                                Duration.ZERO,
                                Duration.ofSeconds(1),
                                Duration.ofMillis(50),
                                Duration.ofMillis(1)));
    }

    @Test
    void changesWhatIsNamed() {
        assertThat(
                        OPTIONS.withSeats(3)
                                .withMaxBatchSize(4)
                                .withMaxQueueDelay(Duration.ofMillis(5))
                                .withMaxLinger(Duration.ofMillis(6)))
                .isEqualTo(
                        new SchedulerOptions(
                                2,
                                3,
                                4,
                                Duration.ofMillis(5),
                                Duration.ofSeconds(1),
                                Duration.ofMillis(50),
                                Duration.ofMillis(6)));
    }

    @Test
    void refusesWhatCannotBe() {
        refuses(() -> SchedulerOptions.ofLanes(0), "lanes is 0, not >= 1");
        refuses(() -> OPTIONS.withSeats(0), "seats is 0, not >= 1");
        refuses(() -> OPTIONS.withMaxBatchSize(-1), "maxBatchSize is -1, not >= 1");
        refuses(
                () -> OPTIONS.withMaxQueueDelay(Duration.ofMillis(-1)),
                "maxQueueDelay is PT-0.001S, not >= 0");
        refuses(
                () -> OPTIONS.withMaxLinger(Duration.ofSeconds(Long.MAX_VALUE)),
                "maxLinger is PT2562047788015215H30M7S, not <= PT876000H");
    }

    private static void refuses(Runnable making, String message) {
        assertThatThrownBy(making::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
