package dev.omniflow.core.schedule;

import static dev.omniflow.core.schedule.SchedulerRig.BACKGROUND;
import static dev.omniflow.core.schedule.SchedulerRig.INTERACTIVE;
import static dev.omniflow.core.schedule.SchedulerRig.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphRef;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which call goes first, and with whom. */
class SchedulerOrderTest {
    private static final GraphRef ONE = ScriptedRuntime.graph("1");
    private static final GraphRef FOUR = ScriptedRuntime.graph("4");
    private static final GraphRef SEVEN = ScriptedRuntime.graph("7");
    private static final CallClass A = new CallClass("a", Priority.LIVE);
    private static final CallClass B = new CallClass("b", Priority.LIVE);

    private final SchedulerRig rig = new SchedulerRig(SchedulerRig.options(1));

    @Test
    void theUrgentGoFirst() {
        rig.submit(0, ONE, BACKGROUND);
        rig.submit(1, ONE, LIVE);
        rig.submit(2, ONE, INTERACTIVE);
        rig.runLanes();
        assertThat(rig.order()).containsExactly(2L, 1L, 0L);
    }

    @Test
    void aTenantOfAFewCallsDoesNotWaitForOneOfMany() {
        for (long number = 0; number < 100; number++) {
            rig.submit(number, ONE, A);
        }
        rig.during =
                () -> {
                    if (rig.runs.size() == 10) {
                        for (long number = 100; number < 104; number++) {
                            rig.submit(number, ONE, B);
                        }
                    }
                };
        rig.runLanes();
        assertThat(rig.order().subList(10, 19)).contains(100L, 101L, 102L, 103L);
        assertThat(rig.order().subList(10, 18).stream().filter(number -> number < 100))
                .as("and it takes no more than its share")
                .hasSizeBetween(3, 5);
    }

    @Test
    void aTenantThatWasAwayHasNoCredit() {
        // What comes alone leaves nobody waiting, so nobody had less than it.
        for (long number = 0; number < 50; number++) {
            rig.submit(number, ONE, A);
            rig.runLanes();
        }
        rig.runs.clear();
        for (long number = 50; number < 60; number++) {
            rig.submit(number, ONE, A);
            rig.submit(number + 50, ONE, B);
        }
        rig.runLanes();
        assertThat(rig.order().subList(0, 10).stream().filter(number -> number < 100))
                .hasSizeBetween(4, 6);
    }

    @Test
    void aTenantThatWasAwayHasNoCreditBecauseFilesWait() {
        rig.submit(1000, ONE, BACKGROUND);
        rig.during =
                () -> {
                    long next = rig.runs.size();
                    if (next < 50) {
                        rig.submit(next, ONE, A);
                    } else if (next == 50) {
                        for (long number = 50; number < 60; number++) {
                            rig.submit(number, ONE, A);
                            rig.submit(number + 50, ONE, B);
                        }
                    }
                };
        rig.submit(0, ONE, A);
        rig.runLanes();
        assertThat(rig.order().subList(50, 60).stream().filter(number -> number < 100))
                .hasSizeBetween(4, 6);
        assertThat(rig.order()).last().isEqualTo(1000L);
    }

    @Test
    void aCallThatWaitedForItsSessionKeepsItsAge() {
        BatchScheduler.Seat seat = rig.seat();
        rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(1, ONE, 1));
        rig.submit(2, ONE, LIVE);
        rig.submit(3, ONE, LIVE);
        rig.runLanes();
        assertThat(rig.order()).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void aFileIsNotStarvedByLiveCallsThatWaitTooLongThemselves() {
        rig.perCall = Duration.ofMillis(300);
        rig.submit(0, ONE, BACKGROUND);
        for (long number = 1; number < 60; number++) {
            rig.submit(number, ONE, LIVE);
        }
        rig.submit(60, ONE, BACKGROUND);
        rig.runLanes();
        assertThat(rig.order().indexOf(0L)).isEqualTo(7);
        assertThat(rig.order().subList(8, 16)).as("older ones go first").doesNotContain(60L);
    }

    @Test
    void aLongBatchYieldsToTheUrgentThatMayCome() {
        rig.perCall = Duration.ofMillis(20);
        rig.submit(0, SEVEN, BACKGROUND);
        rig.runLanes();
        rig.submit(1, ONE, INTERACTIVE);
        for (long number = 2; number < 8; number++) {
            rig.submit(number, SEVEN, BACKGROUND);
        }
        rig.runLanes();
        assertThat(rig.runs)
                .containsExactly(
                        List.of(0L),
                        List.of(1L),
                        List.of(2L, 3L),
                        List.of(4L, 5L),
                        List.of(6L, 7L));
    }

    @Test
    void aLongBatchHasNobodyToYieldToWhenTheUrgentAreGone() {
        rig.perCall = Duration.ofMillis(20);
        rig.submit(0, SEVEN, BACKGROUND);
        rig.submit(1, ONE, INTERACTIVE);
        rig.runLanes();
        rig.clock.pass(Duration.ofSeconds(1));
        for (long number = 2; number < 9; number++) {
            rig.submit(number, SEVEN, BACKGROUND);
        }
        rig.runLanes();
        assertThat(rig.runs).last().isEqualTo(List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L));
    }

    @Test
    void theLessUrgentRideWhereThereIsRoom() {
        rig.submit(0, FOUR, BACKGROUND);
        rig.submit(1, FOUR, BACKGROUND);
        rig.submit(2, FOUR, LIVE);
        rig.submit(3, FOUR, INTERACTIVE);
        rig.submit(4, FOUR, LIVE);
        rig.runLanes();
        assertThat(rig.runs).containsExactly(List.of(3L, 2L, 4L, 0L), List.of(1L));
    }

    @Test
    void theOptionsLimitABatchToo() {
        SchedulerRig small = new SchedulerRig(SchedulerRig.options(1).withMaxBatchSize(3));
        for (long number = 0; number < 5; number++) {
            small.submit(number, SEVEN, LIVE);
        }
        small.runLanes();
        assertThat(small.runs).containsExactly(List.of(0L, 1L, 2L), List.of(3L, 4L));
    }

    @Test
    void aBatchWaitsForMoreAsLongAsItIsTold() {
        SchedulerRig patient = patient();
        patient.submit(0, FOUR, LIVE);
        patient.runLanes();
        patient.clock.passWithAlarms(Duration.ofMillis(9));
        patient.submit(1, FOUR, LIVE);
        patient.runLanes();
        assertThat(patient.runs).isEmpty();
        patient.clock.passWithAlarms(Duration.ofMillis(1));
        patient.runLanes();
        assertThat(patient.runs).containsExactly(List.of(0L, 1L));
        assertThat(patient.scheduler.pending()).isZero();
    }

    @Test
    void aFullBatchWaitsForNothing() {
        SchedulerRig patient = patient();
        for (long number = 0; number < 5; number++) {
            patient.submit(number, FOUR, LIVE);
        }
        patient.runLanes();
        assertThat(patient.runs).containsExactly(List.of(0L, 1L, 2L, 3L));
        patient.clock.ring();
        patient.runLanes();
        assertThat(patient.runs).last().isEqualTo(List.of(4L));
    }

    @Test
    void aLaneWaitsForSessionsThatComeBackAndNotForOthers() {
        SchedulerRig lingering =
                new SchedulerRig(SchedulerRig.options(1).withMaxLinger(Duration.ofMillis(5)));
        lingering.perCall = Duration.ofMillis(20);
        for (long number = 0; number < 2; number++) {
            lingering.submit(number, FOUR, LIVE);
        }
        lingering.runLanes();
        lingering.submit(2, FOUR, LIVE);
        lingering.submit(3, ONE, LIVE);
        lingering.runLanes();
        assertThat(lingering.runs).containsExactly(List.of(0L, 1L), List.of(3L), List.of(2L));

        lingering.submit(4, FOUR, LIVE);
        lingering.submit(5, FOUR, LIVE);
        lingering.runLanes();
        lingering.submit(6, FOUR, LIVE);
        lingering.runLanes();
        assertThat(lingering.runs).as("one of two is back").last().isEqualTo(List.of(4L, 5L));
        lingering.submit(7, FOUR, LIVE);
        lingering.runLanes();
        assertThat(lingering.runs).as("both are").last().isEqualTo(List.of(6L, 7L));
        lingering.submit(8, FOUR, LIVE);
        lingering.runLanes();
        lingering.clock.passWithAlarms(Duration.ofMillis(4));
        lingering.runLanes();
        assertThat(lingering.runs).as("the other stays away").last().isEqualTo(List.of(8L));
    }

    private static SchedulerRig patient() {
        return new SchedulerRig(SchedulerRig.options(1).withMaxQueueDelay(Duration.ofMillis(10)));
    }
}
