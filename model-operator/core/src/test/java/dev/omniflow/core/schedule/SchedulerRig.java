package dev.omniflow.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;

/** A scheduler whose lanes run when a test says so, on its thread, with what they ran. */
final class SchedulerRig {
    static final CallClass INTERACTIVE = new CallClass("default", Priority.INTERACTIVE);
    static final CallClass LIVE = CallClass.DEFAULT;
    static final CallClass BACKGROUND = new CallClass("default", Priority.BACKGROUND);

    final ManualClock clock = new ManualClock();
    final List<Runnable> ready = new ArrayList<>();

    /** Numbers of the calls of each run. */
    final List<List<Long>> runs = new ArrayList<>();

    final List<Integer> lanesOfRuns = new ArrayList<>();
    final Map<Long, GraphResult> results = new TreeMap<>();
    final BatchScheduler scheduler;

    /** How long a call's share of a run takes. */
    Duration perCall = Duration.ofMillis(1);

    /** What happens within each run. */
    Runnable during = () -> {};

    boolean rejects;

    private final ScriptedRuntime runtime =
            new ScriptedRuntime() {
                @Override
                void duringRun(int lane, List<GraphCall> calls) {
                    runs.add(calls.stream().map(ScriptedRuntime::number).toList());
                    lanesOfRuns.add(lane);
                    clock.pass(perCall.multipliedBy(calls.size()));
                    during.run();
                }
            };

    SchedulerRig(SchedulerOptions options) {
        scheduler =
                new BatchScheduler(
                        runtime,
                        options,
                        task -> {
                            if (rejects) {
                                throw new RejectedExecutionException("no thread");
                            }
                            ready.add(task);
                        },
                        clock);
    }

    /** Batches of what is there, at once. */
    static SchedulerOptions options(int lanes) {
        return SchedulerOptions.ofLanes(lanes).withMaxLinger(Duration.ZERO);
    }

    BatchScheduler.Seat seat() {
        return scheduler.trySeat().orElseThrow();
    }

    BatchScheduler.Ticket submit(BatchScheduler.Seat seat, CallClass callClass, GraphCall call) {
        long number = ScriptedRuntime.number(call);
        return seat.submit(
                call,
                callClass,
                (result, timing) -> assertThat(results.put(number, result)).isNull());
    }

    /** A call of a session of its own. */
    BatchScheduler.Ticket submit(long number, GraphRef graph, CallClass callClass) {
        return submit(seat(), callClass, ScriptedRuntime.call(number, graph, 1));
    }

    /** Runs lanes until none has anything to do. */
    void runLanes() {
        while (!ready.isEmpty()) {
            ready.remove(0).run();
        }
    }

    /** The calls in the order in which they ran. */
    List<Long> order() {
        return runs.stream().flatMap(List::stream).toList();
    }
}
