package dev.omniflow.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A scheduler on one thread, whose arrivals, cancellations, failures and interleaving of lanes a
 * random number generator chooses. Lanes overlap: while one runs a batch, others may take theirs.
 * What the scheduler promises is checked at every run and every result against a plain list of what
 * was handed in.
 */
final class SchedulerSimulation {
    private static final int DEEPEST = 3;
    private static final int MOST = 250;

    private final Random random;
    private final int lanes;
    private final List<Runnable> ready = new ArrayList<>();
    private final Map<Long, Submitted> waiting = new TreeMap<>();
    private final Map<Long, Submitted> all = new TreeMap<>();
    private final List<RowCache> idleCaches = new ArrayList<>();
    private final Map<Long, Class<? extends GraphResult>> expected = new HashMap<>();
    private final Set<Long> cancelled = new HashSet<>();
    private final Map<Long, GraphResult> results = new HashMap<>();
    private final ScriptedRuntime runtime =
            new ScriptedRuntime() {
                @Override
                void duringRun(int lane, List<GraphCall> calls) {
                    taken(lane, calls);
                    if (depth < DEEPEST) {
                        depth++;
                        act(random.nextInt(4));
                        depth--;
                    }
                }
            };
    private final BatchScheduler scheduler;
    private final List<AssertionError> broken = new ArrayList<>();
    private long next;
    private int depth;
    private int running;

    private record Submitted(
            long number,
            GraphCall call,
            Object batchKey,
            OptionalInt home,
            BatchScheduler.Ticket ticket) {}

    SchedulerSimulation(long seed, int lanes) {
        random = new Random(seed);
        this.lanes = lanes;
        scheduler = new BatchScheduler(runtime, lanes, ready::add);
        for (int i = 0; i < 10; i++) {
            idleCaches.add(new RowCache());
        }
    }

    /** Acts so many times, then lets all lanes run dry. */
    void run(int actions) {
        act(actions);
        while (!ready.isEmpty()) {
            runReady();
        }
        if (!broken.isEmpty()) {
            throw broken.get(0);
        }
        assertThat(waiting).isEmpty();
        for (Submitted submitted : all.values()) {
            if (!cancelled.contains(submitted.number())) {
                assertThat(results).containsKey(submitted.number());
            }
        }
        scheduler.close();
    }

    private void act(int actions) {
        for (int i = 0; i < actions; i++) {
            switch (random.nextInt(8)) {
                case 0 -> cancelAny();
                case 1, 2 -> runReady();
                default -> submitAny();
            }
        }
    }

    private void runReady() {
        if (!ready.isEmpty()) {
            running++;
            ready.remove(random.nextInt(ready.size())).run();
            running--;
        }
    }

    private void submitAny() {
        if (next >= MOST) {
            return;
        }
        long number = next++;
        GraphRef graph = ScriptedRuntime.GRAPHS.get(random.nextInt(ScriptedRuntime.GRAPHS.size()));
        if (random.nextBoolean() || idleCaches.isEmpty()) {
            submit(number, ScriptedRuntime.call(number, graph, 1 + random.nextInt(2)));
        } else {
            RowCache cache = idleCaches.remove(random.nextInt(idleCaches.size()));
            submit(number, ScriptedRuntime.call(number, graph, cache));
        }
    }

    private void submit(long number, GraphCall call) {
        switch (random.nextInt(40)) {
            case 0, 1 -> runtime.poison.add(number);
            case 2 -> runtime.fatal.add(number);
            case 3 -> runtime.breaking.add(number);
            case 4, 5 -> runtime.unsociable.add(number);
            case 6 -> runtime.forgetful.add(number);
            default -> {}
        }
        OptionalInt home =
                call.cache().isPresent() ? call.cache().get().home() : OptionalInt.empty();
        BatchScheduler.Ticket ticket = scheduler.submit(call, result -> returned(call, result));
        Submitted submitted = new Submitted(number, call, call.batchKey(), home, ticket);
        all.put(number, submitted);
        waiting.put(number, submitted);
        check(
                () ->
                        assertThat(ready.size() + running > 0)
                                .as("a lane wakes up or runs while a call waits")
                                .isTrue());
    }

    private void cancelAny() {
        if (all.isEmpty()) {
            return;
        }
        Submitted submitted = all.get((long) random.nextInt(Math.toIntExact(next)));
        if (submitted == null || results.containsKey(submitted.number())) {
            return;
        }
        submitted.ticket().cancel();
        boolean waited = waiting.remove(submitted.number()) != null;
        if (cancelled.add(submitted.number()) && waited) {
            submitted.call().cache().ifPresent(cache -> idleCaches.add((RowCache) cache));
        }
    }

    /** A lane runs a batch: is it the one that it should have taken? */
    private void taken(int lane, List<GraphCall> calls) {
        long first = ScriptedRuntime.number(calls.get(0));
        if (!waiting.containsKey(first)) {
            check(() -> assertThat(calls).as("what fails is tried again alone").hasSize(1));
            check(() -> assertThat(cancelled).as("what was cancelled").doesNotContain(first));
            expect(calls, resultOf(calls));
            return;
        }
        List<Submitted> mayRun =
                waiting.values().stream().filter(call -> call.home().orElse(lane) == lane).toList();
        Submitted oldest = mayRun.get(0);
        List<Long> right =
                mayRun.stream()
                        .filter(call -> call.batchKey().equals(oldest.batchKey()))
                        .limit(runtime.maxBatchSize(oldest.call().graph()))
                        .map(Submitted::number)
                        .toList();
        List<Long> actual = calls.stream().map(ScriptedRuntime::number).toList();
        check(() -> assertThat(actual).as("the oldest call and those like it").isEqualTo(right));
        check(() -> assertThat(lane).isBetween(0, lanes - 1));
        waiting.keySet().removeAll(actual);
        expect(calls, resultOf(calls));
    }

    private void expect(List<GraphCall> calls, Class<? extends GraphResult> result) {
        calls.forEach(call -> expected.put(ScriptedRuntime.number(call), result));
    }

    /** How each call of a run ends, unless it is tried again alone. */
    private Class<? extends GraphResult> resultOf(List<GraphCall> calls) {
        List<Long> numbers = calls.stream().map(ScriptedRuntime::number).toList();
        boolean lost =
                numbers.stream()
                        .anyMatch(
                                number ->
                                        runtime.fatal.contains(number)
                                                || runtime.breaking.contains(number));
        if (lost) {
            return GraphResult.DeviceLost.class;
        }
        boolean failed =
                numbers.stream()
                        .anyMatch(
                                number ->
                                        runtime.poison.contains(number)
                                                || (calls.size() > 1
                                                        && runtime.unsociable.contains(number)));
        if (failed) {
            return GraphResult.Failure.class;
        }
        return numbers.stream().anyMatch(runtime.forgetful::contains)
                ? GraphResult.DeviceLost.class
                : GraphResult.Success.class;
    }

    private void returned(GraphCall call, GraphResult result) {
        long number = ScriptedRuntime.number(call);
        check(() -> assertThat(cancelled).as("cancelled calls").doesNotContain(number));
        check(() -> assertThat(result).isInstanceOf(expected.get(number)));
        if (result instanceof GraphResult.Success) {
            check(() -> assertThat(result).isEqualTo(ScriptedRuntime.answer(number)));
        }
        check(
                () ->
                        assertThat(results.put(number, result))
                                .as("an earlier result of call %d", number)
                                .isNull());
        call.cache().ifPresent(cache -> idleCaches.add((RowCache) cache));
        switch (random.nextInt(60)) {
            case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 -> submitAny();
            case 10, 11, 12, 13, 14 -> cancelAny();
            case 15 -> throw new IllegalStateException("a consumer that fails");
            default -> {}
        }
    }

    /** Keeps what broke for the end: the scheduler would take it for a failure of the runtime. */
    private void check(Runnable assertion) {
        try {
            assertion.run();
        } catch (AssertionError e) {
            broken.add(e);
        }
    }
}
