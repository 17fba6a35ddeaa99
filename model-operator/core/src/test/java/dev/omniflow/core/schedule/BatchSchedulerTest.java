package dev.omniflow.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchSchedulerTest {
    private static final GraphRef ONE = ScriptedRuntime.graph("1");
    private static final GraphRef FOUR = ScriptedRuntime.graph("4");

    private final ScriptedRuntime runtime = new ScriptedRuntime();
    private final List<Runnable> ready = new ArrayList<>();
    private final Map<Long, GraphResult> results = new ConcurrentHashMap<>();

    @Property(tries = 500)
    void keepsItsPromises(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int lanes,
            @ForAll @IntRange(min = 1, max = 150) int actions) {
        new SchedulerSimulation(seed, lanes).run(actions);
    }

    @Test
    void runsTogetherWhatArrivedWhileALaneWasBusy() {
        List<Integer> sizes = new ArrayList<>();
        ScriptedRuntime recording =
                new ScriptedRuntime() {
                    @Override
                    void duringRun(int lane, List<GraphCall> calls) {
                        sizes.add(calls.size());
                    }
                };
        BatchScheduler scheduler = scheduler(recording, 1, ready::add);
        for (long number = 0; number < 10; number++) {
            submit(scheduler, number, FOUR);
        }
        assertThat(ready).hasSize(1);
        ready.get(0).run();
        assertThat(sizes).containsExactly(4, 4, 2);
        assertThat(results).hasSize(10);
    }

    @Test
    void runsTheOldestFirstAlsoWhenThoseAtHomeFillABatch() {
        List<Long> order = new ArrayList<>();
        ScriptedRuntime recording =
                new ScriptedRuntime() {
                    @Override
                    void duringRun(int lane, List<GraphCall> calls) {
                        calls.forEach(call -> order.add(number(call)));
                    }
                };
        BatchScheduler scheduler = scheduler(recording, 1, ready::add);
        submit(scheduler, 0, FOUR, new RowCache());
        for (long number = 1; number <= 6; number++) {
            RowCache atHome = new RowCache();
            atHome.grow(0);
            RowCache sameShape = new RowCache();
            submit(scheduler, number, FOUR, number % 2 == 0 ? sameShape : atHome);
        }
        ready.get(0).run();
        assertThat(order).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void retriesPoisonAloneAndSparesItsNeighbours() {
        runtime.poison.add(2L);
        BatchScheduler scheduler = scheduler(runtime, 1, ready::add);
        for (long number = 0; number < 4; number++) {
            submit(scheduler, number, FOUR);
        }
        ready.get(0).run();
        assertThat(results.get(2L))
                .isEqualTo(new GraphResult.Failure("scripted@1/4: a call cannot be run"));
        for (long healthy : List.of(0L, 1L, 3L)) {
            assertThat(results.get(healthy)).isEqualTo(ScriptedRuntime.answer(healthy));
        }
    }

    @Test
    void tellsAllOfABatchThatTheDeviceIsLost() {
        runtime.fatal.add(2L);
        BatchScheduler scheduler = scheduler(runtime, 1, ready::add);
        for (long number = 0; number < 4; number++) {
            submit(scheduler, number, FOUR);
        }
        ready.get(0).run();
        assertThat(results).hasSize(4);
        assertThat(results.values())
                .allSatisfy(
                        result ->
                                assertThat(result)
                                        .isInstanceOfSatisfying(
                                                GraphResult.DeviceLost.class,
                                                lost ->
                                                        assertThat(lost.cause())
                                                                .hasMessage("the device is gone")));
    }

    @Test
    void goesOnAfterAListenerFails() {
        BatchScheduler scheduler = scheduler(runtime, 1, Runnable::run);
        scheduler
                .trySeat()
                .orElseThrow()
                .submit(
                        ScriptedRuntime.call(0, FOUR, 1),
                        CallClass.DEFAULT,
                        (result, timing) -> {
                            throw new IllegalStateException("a listener that fails");
                        });
        submit(scheduler, 1, FOUR);
        assertThat(results).containsOnlyKeys(1L);
        scheduler.close();
    }

    @Test
    void failsACallOfAnUnknownGraphOnly() {
        BatchScheduler scheduler = scheduler(runtime, 1, ready::add);
        submit(scheduler, 0, ScriptedRuntime.graph("unknown"));
        submit(scheduler, 1, FOUR);
        ready.get(0).run();
        assertThat(results.get(0L))
                .isEqualTo(
                        new GraphResult.Failure("scripted@1/unknown: no graph scripted@1/unknown"));
        assertThat(results.get(1L)).isEqualTo(ScriptedRuntime.answer(1));
        scheduler.close();
    }

    @Test
    void doesNotTryAgainWhatWasCancelledMeanwhile() {
        List<Long> runs = new ArrayList<>();
        List<BatchScheduler.Ticket> tickets = new ArrayList<>();
        ScriptedRuntime cancelling =
                new ScriptedRuntime() {
                    @Override
                    void duringRun(int lane, List<GraphCall> calls) {
                        calls.forEach(call -> runs.add(number(call)));
                        tickets.get(1).cancel();
                    }
                };
        cancelling.poison.add(0L);
        BatchScheduler scheduler = scheduler(cancelling, 1, ready::add);
        for (long number = 0; number < 3; number++) {
            tickets.add(submit(scheduler, number, FOUR));
        }
        ready.get(0).run();
        assertThat(runs).containsExactly(0L, 1L, 2L, 0L, 2L);
        assertThat(results).containsOnlyKeys(0L, 2L);
    }

    @Test
    void forgetsACallThatNoThreadCouldBeFoundFor() {
        Executor full =
                task -> {
                    throw new RejectedExecutionException("no thread");
                };
        BatchScheduler scheduler = scheduler(runtime, 1, full);
        assertThatThrownBy(() -> submit(scheduler, 0, FOUR))
                .isInstanceOf(RejectedExecutionException.class);
        // Returns, because no lane counts as busy.
        scheduler.close();
        assertThat(results).isEmpty();
    }

    @Test
    void refusesCallsOnceClosed() {
        BatchScheduler scheduler = scheduler(runtime, 2, Runnable::run);
        submit(scheduler, 0, FOUR);
        scheduler.close();
        scheduler.close();
        assertThatThrownBy(() -> submit(scheduler, 1, FOUR))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scheduler is closed");
        assertThat(results).containsOnlyKeys(0L);
    }

    @Test
    void refusesToHaveNoLanes() {
        assertThatThrownBy(() -> SchedulerOptions.ofLanes(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("lanes is 0, not >= 1");
    }

    @Test
    void closesWhenTheRunUnderWayEndsAndForgetsWhatWaits() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Queue<String> events = new ConcurrentLinkedQueue<>();
        ScriptedRuntime slow =
                new ScriptedRuntime() {
                    @Override
                    void duringRun(int lane, List<GraphCall> calls) {
                        running.countDown();
                        await(released);
                        events.add("run ended");
                    }
                };
        ExecutorService threads = Executors.newCachedThreadPool();
        BatchScheduler scheduler = scheduler(slow, 1, threads);
        for (long number = 0; number < 5; number++) {
            submit(scheduler, number, ONE);
        }
        await(running);
        Thread closing =
                new Thread(
                        () -> {
                            scheduler.close();
                            events.add("closed");
                        });
        closing.start();
        // An interrupt does not hurry it: the runtime's memory is still in use.
        closing.interrupt();
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        released.countDown();
        closing.join();
        assertThat(events).containsExactly("run ended", "closed");
        assertThat(results).containsOnlyKeys(0L);
        threads.shutdown();
    }

    @Test
    void keepsItsPromisesBetweenThreads() throws Exception {
        int submitters = 6;
        int lanes = 3;
        long callsEach = 3000;
        int chains = 40;
        int chainLength = 150;
        Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
        Map<Long, AtomicInteger> ends = new ConcurrentHashMap<>();
        Set<Long> cancelled = ConcurrentHashMap.newKeySet();
        AtomicInteger chained = new AtomicInteger();
        ExecutorService threads = Executors.newCachedThreadPool();
        Phaser working = new Phaser(1);
        Executor counting =
                task -> {
                    working.register();
                    threads.execute(
                            () -> {
                                try {
                                    task.run();
                                } catch (RuntimeException | Error e) {
                                    broken.add(e);
                                } finally {
                                    working.arriveAndDeregister();
                                }
                            });
                };
        BatchScheduler scheduler = scheduler(runtime, lanes, counting);
        class Chain {
            private final RowCache cache = new RowCache();
            private final BatchScheduler.Seat seat = scheduler.trySeat().orElseThrow();
            private final long base;
            private int step;

            private Chain(long base) {
                this.base = base;
            }

            private void go() {
                long number = base + step;
                seat.submit(
                        ScriptedRuntime.call(number, ScriptedRuntime.graph("7"), cache),
                        CallClass.DEFAULT,
                        (result, timing) -> {
                            if (!result.equals(ScriptedRuntime.answer(number))) {
                                broken.add(new AssertionError(number + " gave " + result));
                            }
                            chained.incrementAndGet();
                            if (++step < chainLength) {
                                go();
                            }
                        });
            }
        }
        for (int chain = 0; chain < chains; chain++) {
            new Chain(1_000_000L + chain * 1000L).go();
        }
        for (int submitter = 0; submitter < submitters; submitter++) {
            long base = submitter * callsEach;
            counting.execute(
                    () -> {
                        Random random = new Random(base);
                        for (long number = base; number < base + callsEach; number++) {
                            long mine = number;
                            if (random.nextInt(100) == 0) {
                                runtime.unsociable.add(mine);
                            }
                            ends.put(mine, new AtomicInteger());
                            BatchScheduler.Ticket ticket =
                                    scheduler
                                            .trySeat()
                                            .orElseThrow()
                                            .submit(
                                                    ScriptedRuntime.call(mine, FOUR, 1),
                                                    CallClass.DEFAULT,
                                                    (result, timing) -> {
                                                        if (!result.equals(
                                                                ScriptedRuntime.answer(mine))) {
                                                            broken.add(
                                                                    new AssertionError(
                                                                            mine + " gave "
                                                                                    + result));
                                                        }
                                                        ends.get(mine).incrementAndGet();
                                                    });
                            if (random.nextInt(10) == 0) {
                                cancelled.add(mine);
                                ticket.cancel();
                            }
                        }
                    });
        }
        working.arriveAndAwaitAdvance();
        scheduler.close();
        threads.shutdown();

        assertThat(broken).isEmpty();
        assertThat(chained).hasValue(chains * chainLength);
        assertThat(ends).hasSize(Math.toIntExact(submitters * callsEach));
        ends.forEach(
                (number, count) -> {
                    if (cancelled.contains(number)) {
                        assertThat(count.get()).isBetween(0, 1);
                    } else {
                        assertThat(count).hasValue(1);
                    }
                });
    }

    /** Without lingering, which depends on how long runs take, and with seats for all. */
    private static BatchScheduler scheduler(GraphRuntime runtime, int lanes, Executor executor) {
        return scheduler(
                runtime,
                SchedulerOptions.ofLanes(lanes).withSeats(100_000).withMaxLinger(Duration.ZERO),
                executor,
                new ManualClock());
    }

    private static BatchScheduler scheduler(
            GraphRuntime runtime, SchedulerOptions options, Executor executor, Clock clock) {
        return new BatchScheduler(runtime, options, executor, clock);
    }

    /** A call of a session of its own. */
    private BatchScheduler.Ticket submit(BatchScheduler scheduler, long number, GraphRef graph) {
        return submit(
                scheduler.trySeat().orElseThrow(),
                CallClass.DEFAULT,
                ScriptedRuntime.call(number, graph, 1));
    }

    private void submit(BatchScheduler scheduler, long number, GraphRef graph, RowCache cache) {
        submit(
                scheduler.trySeat().orElseThrow(),
                CallClass.DEFAULT,
                ScriptedRuntime.call(number, graph, cache));
    }

    private BatchScheduler.Ticket submit(
            BatchScheduler.Seat seat, CallClass callClass, GraphCall call) {
        long number = ScriptedRuntime.number(call);
        return seat.submit(call, callClass, (result, timing) -> keep(number, result));
    }

    private void keep(long number, GraphResult result) {
        assertThat(results.put(number, result)).isNull();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
