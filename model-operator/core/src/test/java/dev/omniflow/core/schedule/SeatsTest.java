package dev.omniflow.core.schedule;

import static dev.omniflow.core.schedule.SchedulerRig.LIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.graph.GraphRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may hand in calls, and how they are taken back. */
class SeatsTest {
    private static final GraphRef ONE = ScriptedRuntime.graph("1");
    private static final GraphRef TWO = ScriptedRuntime.graph("2");

    private final SchedulerRig rig = new SchedulerRig(SchedulerRig.options(1).withSeats(2));
    private final List<String> told = new ArrayList<>();

    @Test
    void thereAreSoManyAndNoMore() {
        BatchScheduler.Seat first = rig.seat();
        rig.seat();
        assertThat(rig.scheduler.trySeat()).isEmpty();
        first.leave();
        first.leave();
        assertThat(rig.scheduler.seated()).isEqualTo(1);
        rig.seat();
        assertThat(rig.scheduler.trySeat()).isEmpty();
    }

    @Test
    void whoWaitsForOneIsToldOnce() {
        rig.scheduler.whenSeatFree(() -> told.add("at once"));
        assertThat(told).containsExactly("at once");
        BatchScheduler.Seat first = rig.seat();
        BatchScheduler.Seat second = rig.seat();
        rig.scheduler.whenSeatFree(
                () -> {
                    told.add("first");
                    throw new IllegalStateException("a session that cannot be told");
                });
        rig.scheduler.whenSeatFree(() -> told.add("second"));
        assertThat(told).containsExactly("at once");
        first.leave();
        second.leave();
        assertThat(told).containsExactly("at once", "first", "second");
    }

    @Test
    void whoWaitsForOneIsToldOfTheEnd() {
        rig.seat();
        rig.seat();
        rig.scheduler.whenSeatFree(() -> told.add("end"));
        rig.scheduler.close();
        assertThat(told).containsExactly("end");
        rig.scheduler.whenSeatFree(() -> told.add("after the end"));
        assertThat(told).containsExactly("end", "after the end");
        assertThatThrownBy(rig.scheduler::trySeat)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scheduler is closed");
    }

    @Test
    void whoHasLeftHandsInNothing() {
        BatchScheduler.Seat seat = rig.seat();
        seat.leave();
        assertThatThrownBy(() -> rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the session has left its seat");
        assertThat(rig.scheduler.pending()).isZero();
    }

    @Test
    void nobodyHandsInAnythingAfterTheEnd() {
        BatchScheduler.Seat seat = rig.seat();
        rig.scheduler.close();
        assertThatThrownBy(() -> rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scheduler is closed");
    }

    @Test
    void leavingTakesBackWhatWaitsAndWhatRuns() {
        BatchScheduler.Seat seat = rig.seat();
        rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(1, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(2, TWO, 1));
        rig.submit(1000, ONE, LIVE);
        rig.during =
                () -> {
                    if (rig.runs.size() == 1) {
                        seat.leave();
                        assertThat(rig.scheduler.pending())
                                .as("one that runs, a stranger")
                                .isEqualTo(2);
                    }
                };
        rig.runLanes();
        assertThat(rig.order()).containsExactly(0L, 1000L);
        assertThat(rig.results).containsOnlyKeys(1000L);
        assertThat(rig.scheduler.pending()).isZero();
    }

    @Test
    void aCallThatWaitsIsTakenBackAndTheNextTakesItsPlace() {
        BatchScheduler.Seat seat = rig.seat();
        BatchScheduler.Ticket ready = rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1));
        BatchScheduler.Ticket blocked = rig.submit(seat, LIVE, ScriptedRuntime.call(1, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(2, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(3, ONE, 1));
        blocked.cancel();
        blocked.cancel();
        assertThat(rig.scheduler.pending()).isEqualTo(3);
        ready.cancel();
        rig.runLanes();
        assertThat(rig.order()).containsExactly(2L, 3L);
        assertThat(rig.results).containsOnlyKeys(2L, 3L);
    }

    @Test
    void aCallThatRunsIsTakenBackUnheardAndTheNextWaitsForItsEnd() {
        BatchScheduler.Seat seat = rig.seat();
        BatchScheduler.Ticket running = rig.submit(seat, LIVE, ScriptedRuntime.call(0, ONE, 1));
        rig.submit(seat, LIVE, ScriptedRuntime.call(1, ONE, 1));
        rig.during =
                () -> {
                    if (rig.runs.size() == 1) {
                        running.cancel();
                        rig.runLanes();
                        assertThat(rig.runs).hasSize(1);
                    }
                };
        rig.runLanes();
        assertThat(rig.order()).containsExactly(0L, 1L);
        assertThat(rig.results).containsOnlyKeys(1L);
        assertThat(rig.scheduler.pending()).isZero();
    }

    @Test
    void aCallThatEndedCannotBeTakenBack() {
        BatchScheduler.Ticket ticket = rig.submit(0, ONE, LIVE);
        rig.runLanes();
        ticket.cancel();
        assertThat(rig.results).containsOnlyKeys(0L);
        assertThat(rig.scheduler.pending()).isZero();
    }

    @Test
    void callsMayBeTakenBackAfterTheEnd() {
        SchedulerRig patient =
                new SchedulerRig(SchedulerRig.options(1).withMaxQueueDelay(Duration.ofMillis(10)));
        BatchScheduler.Seat seat = patient.seat();
        BatchScheduler.Ticket first = patient.submit(seat, LIVE, ScriptedRuntime.call(0, TWO, 1));
        patient.submit(seat, LIVE, ScriptedRuntime.call(1, TWO, 1));
        patient.runLanes();
        patient.scheduler.close();
        patient.rejects = true;
        first.cancel();
        seat.leave();
        patient.clock.ring();
        assertThat(patient.ready).isEmpty();
        assertThat(patient.runs).isEmpty();
        assertThat(patient.scheduler.pending()).isZero();
    }
}
