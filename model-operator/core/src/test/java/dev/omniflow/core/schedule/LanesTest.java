package dev.omniflow.core.schedule;

import static dev.omniflow.core.schedule.SchedulerRig.INTERACTIVE;
import static dev.omniflow.core.schedule.SchedulerRig.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphRef;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What runs beside what, and where. */
class LanesTest {
    private static final GraphRef ONE = ScriptedRuntime.graph("1");
    private static final GraphRef TWO = ScriptedRuntime.graph("2");
    private static final GraphRef FOUR = ScriptedRuntime.graph("4");

    private final SchedulerRig rig = new SchedulerRig(SchedulerRig.options(2));

    @Test
    void callsOfASessionToOneGraphRunOneAfterAnother() {
        BatchScheduler.Seat seat = rig.seat();
        for (long number = 0; number < 3; number++) {
            rig.submit(seat, LIVE, ScriptedRuntime.call(number, FOUR, 1));
        }
        assertThat(rig.ready).as("lanes that wake for one call that may run").hasSize(1);
        rig.during = () -> assertThat(rig.ready).isEmpty();
        rig.runLanes();
        assertThat(rig.runs).containsExactly(List.of(0L), List.of(1L), List.of(2L));
        assertThat(rig.results).hasSize(3);
    }

    @Test
    void callsOfASessionToTwoGraphsOverlap() {
        BatchScheduler.Seat seat = rig.seat();
        rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(1, TWO, 1));
        rig.during =
                () -> {
                    if (rig.runs.size() == 1) {
                        rig.runLanes();
                        assertThat(rig.results).containsOnlyKeys(1L);
                    }
                };
        rig.runLanes();
        assertThat(rig.results).containsOnlyKeys(0L, 1L);
        assertThat(rig.lanesOfRuns).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void aCacheIsUsedInOrderAndKeepsTheHomeThatItsFirstCallFound() {
        BatchScheduler.Seat seat = rig.seat();
        RowCache cache = new RowCache();
        rig.submit(7, ONE, LIVE);
        rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, cache));
        rig.submit(seat, LIVE, ScriptedRuntime.call(1, TWO, cache));
        rig.submit(seat, LIVE, ScriptedRuntime.call(2, ONE, cache));
        rig.during =
                () -> {
                    if (rig.runs.size() == 1) {
                        // Lane 0 is at work while lane 1 takes the cache.
                        rig.runLanes();
                    }
                };
        rig.runLanes();
        assertThat(rig.order()).containsExactly(7L, 0L, 1L, 2L);
        assertThat(rig.lanesOfRuns).containsExactly(0, 1, 1, 1);
    }

    @Test
    void aLaneDoesNotSleepWhileAnotherPassesACallOver() {
        RowCache atHome = new RowCache();
        atHome.grow(0);
        rig.submit(0, ONE, LIVE);
        rig.submit(rig.seat(), INTERACTIVE, ScriptedRuntime.call(1, TWO, atHome));
        rig.during =
                () -> {
                    if (rig.runs.size() == 1) {
                        rig.runLanes();
                        assertThat(rig.results).as("ran on lane 1 meanwhile").containsOnlyKeys(0L);
                    }
                };
        rig.runLanes();
        assertThat(rig.order()).containsExactly(1L, 0L);
        assertThat(rig.lanesOfRuns).containsExactly(0, 1);
    }

    @Test
    void aLaneDoesNotSleepWhenTheOneWithTheAlarmTakesOtherCalls() {
        SchedulerRig patient =
                new SchedulerRig(SchedulerRig.options(2).withMaxQueueDelay(Duration.ofMillis(10)));
        patient.submit(0, FOUR, LIVE);
        patient.runLanes();
        patient.submit(1, TWO, LIVE);
        patient.runLanes();
        patient.clock.passWithAlarms(Duration.ofMillis(10));
        patient.during =
                () -> {
                    if (patient.runs.size() == 1) {
                        patient.runLanes();
                    }
                };
        patient.runLanes();
        assertThat(patient.lanesOfRuns).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void aBurstIsDividedAmongTheLanes() {
        for (long number = 0; number < 4; number++) {
            rig.submit(rig.seat(), LIVE, ScriptedRuntime.call(number, FOUR, new RowCache()));
        }
        rig.during =
                () -> {
                    if (rig.runs.size() == 1) {
                        rig.runLanes();
                    }
                };
        rig.runLanes();
        assertThat(rig.runs).containsExactly(List.of(0L, 1L), List.of(2L, 3L));
        assertThat(rig.lanesOfRuns).containsExactly(0, 1);
    }

    @Test
    void aLaneSurvivesThatNoThreadIsFoundForAnother() {
        RowCache here = new RowCache();
        here.grow(0);
        RowCache elsewhere = new RowCache();
        elsewhere.grow(1);
        BatchScheduler.Seat seat = rig.seat();
        rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(1, ONE, elsewhere));
        rig.submit(rig.seat(), LIVE, ScriptedRuntime.call(2, TWO, here));
        rig.during = () -> rig.rejects = true;
        rig.runLanes();
        assertThat(rig.results).containsOnlyKeys(0L, 2L);
    }

    @Test
    void aLaneThatFoundNoThreadAsksAgain() {
        RowCache atHome = new RowCache();
        atHome.grow(1);
        BatchScheduler.Seat seat = rig.seat();
        rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(1, ONE, atHome));
        rig.during = () -> rig.rejects = true;
        rig.runLanes();
        assertThat(rig.results).containsOnlyKeys(0L);

        rig.clock.ring();
        assertThat(rig.ready).as("rejected again").isEmpty();
        rig.rejects = false;
        rig.during = () -> {};
        rig.clock.ring();
        rig.runLanes();
        assertThat(rig.results).containsOnlyKeys(0L, 1L);
        rig.scheduler.close();
    }
}
