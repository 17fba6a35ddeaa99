package dev.omniflow.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.flink.RolloutVerdict;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.util.InstantiationUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RolloutGateTest {
    private final List<RolloutVerdict> verdicts = new ArrayList<>();
    private RolloutGate gate = new RolloutGate();

    private void report(String run, String rollout, int subtask, @Nullable String refusal) {
        gate.flatMap(
                new RolloutReport(run, "listening", rollout, subtask, 3, refusal),
                new ListCollector<>(verdicts));
    }

    private static RolloutVerdict verdict(String rollout, @Nullable String refusal) {
        return new RolloutVerdict("listening", rollout, refusal);
    }

    @Test
    void isGoodOnceAllAre() {
        report("run", "a", 0, null);
        report("run", "a", 2, null);
        report("run", "a", 2, null);
        report("run", "b", 1, null);
        assertThat(verdicts).isEmpty();

        report("run", "a", 1, null);
        assertThat(verdicts).containsExactly(verdict("a", null));
    }

    @Test
    void oneRefusalDecidesAndIsToldOnce() {
        report("run", "a", 0, null);
        report("run", "a", 1, "no disk");
        assertThat(verdicts).containsExactly(verdict("a", "no disk"));

        report("run", "a", 2, "no file");
        assertThat(verdicts).hasSize(1);
    }

    @Test
    void reportsOfAnEarlierRunDoNotCount() {
        report("run 1", "a", 0, null);
        report("run 1", "a", 1, null);
        report("run 2", "a", 2, null);
        assertThat(verdicts).isEmpty();

        report("run 2", "a", 0, null);
        report("run 2", "a", 1, null);
        assertThat(verdicts).containsExactly(verdict("a", null));
    }

    @Test
    void travelsToATaskManager() throws Exception {
        gate = InstantiationUtil.clone(gate);
        report("run", "a", 1, "no");
        assertThat(verdicts).containsExactly(verdict("a", "no"));
    }
}
