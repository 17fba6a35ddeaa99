package dev.omniflow.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphRef;
import org.junit.jupiter.api.Test;

class RunCostsTest {
    private static final GraphRef GRAPH = ScriptedRuntime.graph("4");

    private final RunCosts costs = new RunCosts();

    @Test
    void guessesAMillisecond() {
        assertThat(costs.ofCall(GRAPH)).isEqualTo(1_000_000);
        assertThat(costs.affordable(GRAPH, 50_000_000)).isEqualTo(50);
    }

    @Test
    void learnsWhatACallsShareOfARunTakes() {
        costs.ran(GRAPH, 4, 4000);
        assertThat(costs.ofCall(GRAPH)).isEqualTo(1000);
        costs.ran(GRAPH, 1, 2000);
        assertThat(costs.ofCall(GRAPH)).isBetween(1001L, 1999L);
        for (int i = 0; i < 100; i++) {
            costs.ran(GRAPH, 2, 4000);
        }
        assertThat(costs.ofCall(GRAPH)).isEqualTo(2000);
        assertThat(costs.ofCall(ScriptedRuntime.graph("1"))).isEqualTo(1_000_000);
    }

    @Test
    void affordsOneCallAtLeastAndNoMoreThanAnInt() {
        costs.ran(GRAPH, 1, 1000);
        assertThat(costs.affordable(GRAPH, 3999)).isEqualTo(3);
        assertThat(costs.affordable(GRAPH, 0)).isEqualTo(1);
        GraphRef free = ScriptedRuntime.graph("2");
        costs.ran(free, 1, 0);
        assertThat(costs.ofCall(free)).isEqualTo(1);
        assertThat(costs.affordable(free, Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }
}
