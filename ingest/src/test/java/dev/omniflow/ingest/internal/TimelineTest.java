package dev.omniflow.ingest.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.ingest.internal.Timeline.Verdict;
import org.junit.jupiter.api.Test;

class TimelineTest {
    @Test
    void followsTheInputRateExactly() {
        Timeline line = new Timeline(0);
        line.begin(0, 44_100);
        for (int i = 0; i < 44_100; i++) {
            line.take(1000);
        }
        assertThat(line.expected()).isEqualTo(16_000_000);
    }

    @Test
    void deviationsUpToTheToleranceAreJitter() {
        Timeline line = new Timeline(500);
        line.begin(0, 16_000);
        line.take(16_000);

        assertThat(line.judge(500 + 16_000 + Timeline.TOLERANCE)).isEqualTo(Verdict.CONTINUES);
        assertThat(line.judge(500 + 16_000 - Timeline.TOLERANCE)).isEqualTo(Verdict.CONTINUES);
        assertThat(line.judge(500 + 16_001 + Timeline.TOLERANCE)).isEqualTo(Verdict.JUMPS);
        assertThat(line.judge(500 + 15_999 - Timeline.TOLERANCE)).isEqualTo(Verdict.JUMPS);
        assertThat(line.expected()).isEqualTo(16_000);
    }

    @Test
    void slowDriftIsNoticedOnceItExceedsTheTolerance() {
        Timeline line = new Timeline(0);
        line.begin(0, 16_000);
        int blocks = 0;
        while (line.judge(blocks * 1010L) == Verdict.CONTINUES) {
            line.take(1000);
            blocks++;
        }
        assertThat(blocks).isEqualTo(161);
    }

    @Test
    void aClockSetAnewIsTakenAsContinuous() {
        Timeline line = new Timeline(0);
        line.begin(0, 16_000);
        line.take(32_000_000);

        assertThat(line.judge(0)).isEqualTo(Verdict.CONTINUES);
        assertThat(line.resets()).isEqualTo(1);
        assertThat(line.position(1000)).isEqualTo(32_001_000);
        assertThat(line.judge(Timeline.MAX_HOLE * 3)).isEqualTo(Verdict.CONTINUES);
        assertThat(line.resets()).isEqualTo(2);
    }
}
