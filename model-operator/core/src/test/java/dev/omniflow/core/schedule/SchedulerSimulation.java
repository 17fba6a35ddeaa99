package dev.omniflow.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler on one thread, whose arrivals, cancellations, failures, passing of time and
 * interleaving of lanes a random number generator chooses. Lanes overlap: while one runs a batch,
 * others may take theirs. What the scheduler promises is checked at every run and every result
 * against a plain list of what was handed in.
 */
final class SchedulerSimulation {
    private static final List<Priority> PRIORITIES = List.of(Priority.values());
    private static final int DEEPEST = 3;
    private static final int MOST_CALLS = 400;
    private static final int MOST_OPEN = 5;
    private static final int STARVED_SHARE = 8;
    private static final long ABOUT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long RETRY_NANOS = Duration.ofMillis(100).toNanos();

    private final Random random;
    private final SchedulerOptions options;
    private final ManualClock clock = new ManualClock();
    private final List<Runnable> ready = new ArrayList<>();
    private final List<Session> seated = new ArrayList<>();
    private final Map<Long, Call> all = new TreeMap<>();

    /** Lanes at work, the innermost first. */
    private final Deque<Lane> lanes = new ArrayDeque<>();

    private final int[] runsSinceStarved;
    private final int[] runsPastTheStarved;
    private final EnumMap<Priority, Long> lastWaiting = new EnumMap<>(Priority.class);
    private final ScriptedRuntime runtime =
            new ScriptedRuntime() {
                @Override
                void duringRun(int lane, List<GraphCall> calls) {
                    check(() -> taken(lane, calls));
                    pass(40);
                    if (lanes.size() <= DEEPEST) {
                        act(random.nextInt(4));
                    }
                }
            };
    private final BatchScheduler scheduler;
    private final List<Throwable> broken = new ArrayList<>();
    private int percentRejected;
    private int hoping;

    /** What a session handed in and has not ended, in order. */
    private final class Session {
        private final BatchScheduler.Seat seat;
        private final String tenant = "tenant-" + random.nextInt(3);
        private final Priority priority = anyPriority();
        private final List<RowCache> caches = List.of(new RowCache(), new RowCache());
        private final List<Call> live = new ArrayList<>();
        private final Map<Object, Long> lastResults = new HashMap<>();

        Session(BatchScheduler.Seat seat) {
            this.seat = seat;
        }
    }

    private enum State {
        WAITING,
        RUNNING,
        ENDED
    }

    private final class Call {
        private final long number;
        private final Session session;
        private final GraphCall call;
        private final CallClass callClass;
        private final long submittedNanos = clock.nanos();
        private State state = State.WAITING;
        private BatchScheduler.@Nullable Ticket ticket;
        private boolean cancelled;
        private boolean refused;
        private @Nullable GraphResult result;
        private Class<? extends GraphResult> expected = GraphResult.class;
        private long ranNanos;
        private int batchSize;

        Call(Session session, GraphCall call, CallClass callClass) {
            number = ScriptedRuntime.number(call);
            this.session = session;
            this.call = call;
            this.callClass = callClass;
        }

        boolean blocked() {
            return session.live.stream()
                    .takeWhile(earlier -> earlier != this)
                    .anyMatch(
                            earlier ->
                                    earlier.call.graph().equals(call.graph())
                                            || (call.cache().isPresent()
                                                    && earlier.call.cache().equals(call.cache())));
        }

        boolean mayRunOn(int lane) {
            return call.cache().isEmpty() || call.cache().get().home().orElse(lane) == lane;
        }

        boolean homeless() {
            return call.cache().isEmpty() || call.cache().get().home().isEmpty();
        }

        boolean mayShareABatchWith(Call other) {
            return call.batchKey().equals(other.call.batchKey());
        }

        int limit() {
            return Math.min(runtime.maxBatchSize(call.graph()), options.maxBatchSize());
        }

        long dueNanos() {
            return submittedNanos + options.maxQueueDelay().toNanos();
        }

        /** Whether a lane that is free has to run it, or a call that goes before it. */
        boolean isRunnableOn(int lane, Collection<Call> waiting) {
            return mayRunOn(lane)
                    && (clock.nanos() >= dueNanos()
                            || waiting.stream()
                                            .filter(other -> other.mayRunOn(lane))
                                            .filter(this::mayShareABatchWith)
                                            .count()
                                    >= limit());
        }

        boolean starved() {
            return clock.nanos() - submittedNanos >= options.starvedAfter().toNanos();
        }

        void end() {
            state = State.ENDED;
            session.live.remove(this);
        }

        @Override
        public String toString() {
            return number + " " + callClass + " " + call.graph().graph() + " " + state;
        }
    }

    /** A lane's thread, with the batch that it runs. */
    private static final class Lane {
        private int lane = -1;
        private List<Call> batch = List.of();
        private boolean failed;

        /** Of its batch, as it was taken: the calls that any lane might have run. */
        private int homeless;

        private @Nullable Object batchKey;
    }

    SchedulerSimulation(long seed, int lanes) {
        random = new Random(seed);
        options =
                new SchedulerOptions(
                        lanes,
                        2 + random.nextInt(10),
                        1 + random.nextInt(8),
                        Duration.ofMillis(random.nextBoolean() ? 0 : random.nextInt(60)),
                        Duration.ofMillis(random.nextInt(500)),
                        Duration.ofMillis(random.nextInt(60)),
                        Duration.ofMillis(random.nextInt(3) > 0 ? 0 : random.nextInt(5)));
        percentRejected = random.nextInt(4) == 0 ? 20 : 0;
        runsSinceStarved = new int[lanes];
        runsPastTheStarved = new int[lanes];
        scheduler = new BatchScheduler(runtime, options, this::execute, clock);
    }

    /** Acts so many times, then lets all lanes run dry. */
    void run(int actions) {
        act(actions);
        percentRejected = 0;
        for (int steps = 0; !ready.isEmpty() || clock.hasAlarm(); steps++) {
            assertThat(steps).as("alarms and wake-ups that lead nowhere").isLessThan(20_000);
            if (ready.isEmpty()) {
                clock.ring();
            } else {
                runReady();
            }
        }
        check(() -> assertThat(waiting()).as("calls that wait for ever").isEmpty());
        check(() -> assertThat(scheduler.pending()).isZero());
        for (Call call : all.values()) {
            check(
                    () ->
                            assertThat(call.result == null)
                                    .as("call %s has no result", call)
                                    .isEqualTo(call.cancelled || call.refused));
        }
        while (!seated.isEmpty()) {
            leaveAny();
        }
        check(() -> assertThat(scheduler.seated()).isZero());
        scheduler.close();
        check(
                () ->
                        assertThatThrownBy(scheduler::trySeat)
                                .isInstanceOf(IllegalStateException.class));
        check(() -> assertThat(hoping).as("who hoped for a seat and never heard").isZero());
        if (!broken.isEmpty()) {
            throw new AssertionError("the first of " + broken.size(), broken.get(0));
        }
    }

    // ---- what happens

    private void execute(Runnable lane) {
        if (random.nextInt(100) < percentRejected) {
            throw new RejectedExecutionException("no thread");
        }
        ready.add(lane);
    }

    private void act(int actions) {
        for (int i = 0; i < actions; i++) {
            switch (random.nextInt(16)) {
                case 0 -> cancelAny();
                case 1, 2 -> runReady();
                case 3 -> checkThatNoLaneSleeps();
                case 4 -> sitDown();
                case 5 -> {
                    if (random.nextInt(4) == 0) {
                        leaveAny();
                    }
                }
                case 6 -> pass(random.nextInt(20) == 0 ? 3000 : 50);
                case 7 -> {
                    if (clock.hasAlarm()) {
                        clock.ring();
                    }
                }
                default -> submitAny();
            }
            checkCounts();
        }
    }

    private void pass(int mostMillis) {
        clock.pass(Duration.ofMillis(random.nextInt(mostMillis)));
    }

    private void runReady() {
        if (!ready.isEmpty()) {
            lanes.push(new Lane());
            ready.remove(random.nextInt(ready.size())).run();
            lanes.pop().batch.forEach(Call::end);
        }
    }

    private void sitDown() {
        Optional<BatchScheduler.Seat> seat = scheduler.trySeat();
        check(
                () ->
                        assertThat(seat.isPresent())
                                .as("a seat when %s are taken", seated.size())
                                .isEqualTo(seated.size() < options.seats()));
        if (seat.isPresent()) {
            seated.add(new Session(seat.get()));
            return;
        }
        hoping++;
        boolean fails = random.nextInt(5) == 0;
        scheduler.whenSeatFree(
                () -> {
                    hoping--;
                    if (fails) {
                        throw new IllegalStateException("a session that cannot be told");
                    }
                });
    }

    private void leaveAny() {
        if (seated.isEmpty()) {
            return;
        }
        Session session = seated.remove(random.nextInt(seated.size()));
        for (Call call : List.copyOf(session.live)) {
            takenBack(call);
        }
        session.seat.leave();
        if (random.nextBoolean()) {
            session.seat.leave();
        }
        check(() -> assertThat(hoping).as("who hoped for a seat").isZero());
        check(
                () ->
                        assertThatThrownBy(
                                        () ->
                                                session.seat.submit(
                                                        ScriptedRuntime.call(-1, anyGraph(), 1),
                                                        CallClass.DEFAULT,
                                                        (result, timing) -> {}))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessage("the session has left its seat"));
    }

    private void submitAny() {
        if (seated.isEmpty()) {
            sitDown();
        }
        Session session = seated.get(random.nextInt(seated.size()));
        if (all.size() >= MOST_CALLS || session.live.size() >= MOST_OPEN) {
            return;
        }
        long number = all.size();
        GraphRef graph = anyGraph();
        GraphCall graphCall =
                random.nextBoolean()
                        ? ScriptedRuntime.call(number, graph, 1 + random.nextInt(2))
                        : ScriptedRuntime.call(
                                number, graph, session.caches.get(random.nextInt(2)));
        switch (random.nextInt(40)) {
            case 0, 1 -> runtime.poison.add(number);
            case 2 -> runtime.fatal.add(number);
            case 3 -> runtime.breaking.add(number);
            case 4, 5 -> runtime.unsociable.add(number);
            case 6 -> runtime.forgetful.add(number);
            default -> {}
        }
        Priority priority = random.nextInt(4) == 0 ? anyPriority() : session.priority;
        Call call = new Call(session, graphCall, new CallClass(session.tenant, priority));
        all.put(number, call);
        session.live.add(call);
        lastWaiting.put(priority, clock.nanos());
        try {
            call.ticket =
                    session.seat.submit(
                            graphCall,
                            call.callClass,
                            (result, timing) -> ended(call, result, timing));
        } catch (RejectedExecutionException e) {
            check(() -> assertThat(percentRejected).isPositive());
            call.refused = true;
            call.end();
        }
    }

    private void cancelAny() {
        if (all.isEmpty()) {
            return;
        }
        Call call = Objects.requireNonNull(all.get((long) random.nextInt(all.size())));
        if (call.ticket != null) {
            call.ticket.cancel();
            takenBack(call);
        }
    }

    private void takenBack(Call call) {
        if (call.state == State.ENDED || call.result != null) {
            return;
        }
        call.cancelled = true;
        if (call.state == State.WAITING) {
            lastWaiting.put(call.callClass.priority(), clock.nanos());
            call.end();
        }
    }

    private GraphRef anyGraph() {
        return ScriptedRuntime.GRAPHS.get(random.nextInt(ScriptedRuntime.GRAPHS.size()));
    }

    private Priority anyPriority() {
        return PRIORITIES.get(random.nextInt(PRIORITIES.size()));
    }

    // ---- what must hold

    /** Calls that only a lane keeps from running. */
    private List<Call> waiting() {
        return all.values().stream()
                .filter(call -> call.state == State.WAITING && !call.blocked())
                .toList();
    }

    /** A lane runs a batch: is it one that it should have taken? */
    private void taken(int lane, List<GraphCall> graphCalls) {
        List<Call> batch =
                graphCalls.stream()
                        .map(call -> Objects.requireNonNull(all.get(ScriptedRuntime.number(call))))
                        .toList();
        Lane here = Objects.requireNonNull(lanes.peek());
        int again = here.batch.indexOf(batch.get(0));
        assertThat(batch).noneMatch(call -> call.cancelled || call.refused);
        batch.forEach(call -> call.expected = resultOf(batch));
        batch.forEach(call -> call.ranNanos = clock.nanos());
        batch.forEach(call -> call.batchSize = batch.size());
        if (again >= 0) {
            assertThat(here.failed).as("only what failed is run again").isTrue();
            assertThat(batch).as("what fails is run again alone").hasSize(1);
            assertThat(batch.get(0).state).isEqualTo(State.RUNNING);
            here.batch.subList(0, again).forEach(Call::end);
            return;
        }
        here.batch.forEach(Call::end);
        assertThat(here.lane).isIn(-1, lane);
        assertThat(lane).isBetween(0, options.lanes() - 1);
        here.lane = lane;
        assertThat(lanes.stream().filter(busy -> busy.lane == lane)).hasSize(1);

        List<Call> waiting = waiting();
        assertThat(waiting).as("calls that nothing keeps from running").containsAll(batch);
        assertThat(batch).allMatch(call -> call.mayRunOn(lane));
        assertThat(batch).allMatch(call -> call.mayShareABatchWith(batch.get(0)));
        assertThat(batch.stream().map(call -> call.session).distinct()).hasSameSizeAs(batch);
        assertThat(batch).hasSizeLessThanOrEqualTo(batch.get(0).limit());
        here.batchKey = batch.get(0).call.batchKey();
        here.homeless = Math.toIntExact(batch.stream().filter(Call::homeless).count());
        assertThat(here.homeless)
                .as("a lane's part of what any lane may run")
                .isLessThanOrEqualTo(partOf(here, batch.get(0), waiting));
        checkLeader(lane, batch, waiting);
        checkRiders(here, batch, waiting);

        batch.forEach(call -> call.state = State.RUNNING);
        batch.forEach(call -> lastWaiting.put(call.callClass.priority(), clock.nanos()));
        here.batch = batch;
        here.failed = resultOf(batch).equals(GraphResult.Failure.class);
    }

    private void checkLeader(int lane, List<Call> batch, List<Call> waiting) {
        Call leader = batch.get(0);
        List<Call> runnable =
                waiting.stream().filter(call -> call.isRunnableOn(lane, waiting)).toList();
        assertThat(runnable).as("calls that need not wait").contains(leader);
        if (!options.maxLinger().isZero()) {
            // Who leads depends on who is expected back.
            return;
        }
        Optional<Call> starved = runnable.stream().filter(Call::starved).findFirst();
        if (starved.isPresent() && runsSinceStarved[lane] >= STARVED_SHARE - 1) {
            assertThat(leader).as("the oldest of the starved").isSameAs(starved.get());
        } else {
            assertThat(runnable)
                    .as("nobody more urgent than %s", leader)
                    .noneMatch(call -> urgency(call, leader) < 0)
                    .as("nobody of its class older than %s", leader)
                    .noneMatch(
                            call ->
                                    call.callClass.equals(leader.callClass)
                                            && call.number < leader.number);
        }
        boolean forStarved = starved.isPresent() && leader == starved.get();
        runsSinceStarved[lane] = forStarved ? 0 : runsSinceStarved[lane] + 1;
        boolean past = starved.isPresent() && !batch.contains(starved.get());
        runsPastTheStarved[lane] = past ? runsPastTheStarved[lane] + 1 : 0;
        assertThat(runsPastTheStarved[lane])
                .as("runs that passed the oldest of the starved")
                .isLessThan(STARVED_SHARE);
    }

    private void checkRiders(Lane here, List<Call> batch, List<Call> waiting) {
        Call leader = batch.get(0);
        boolean partTaken = here.homeless >= partOf(here, leader, waiting);
        List<Call> left =
                waiting.stream()
                        .filter(call -> call.mayRunOn(here.lane))
                        .filter(call -> call.mayShareABatchWith(leader))
                        .filter(call -> !batch.contains(call))
                        .filter(call -> !partTaken || !call.homeless())
                        .toList();
        for (Call rider : batch.subList(1, batch.size())) {
            assertThat(left)
                    .as("nobody more urgent than %s", rider)
                    .noneMatch(call -> urgency(call, rider) < 0)
                    .as("nobody of its class older than %s", rider)
                    .noneMatch(
                            call ->
                                    call.callClass.equals(rider.callClass)
                                            && call.number < rider.number);
        }
        if (batch.size() < leader.limit() && !left.isEmpty()) {
            Priority best =
                    left.stream()
                            .map(call -> call.callClass.priority())
                            .min(Comparator.naturalOrder())
                            .orElseThrow();
            assertThat(lastWaiting.keySet())
                    .as("a priority that %s yields to: %s left %s", best, batch, left)
                    .anyMatch(
                            priority ->
                                    priority.compareTo(best) < 0
                                            && (clock.nanos() - lastWaiting.get(priority)
                                                            < ABOUT_NANOS
                                                    || waiting.stream()
                                                            .anyMatch(
                                                                    call ->
                                                                            call.callClass
                                                                                            .priority()
                                                                                    == priority)));
        }
    }

    /** How many of the calls that any lane may run this lane may take, with its leader. */
    private int partOf(Lane here, Call leader, List<Call> waiting) {
        if (!options.maxQueueDelay().isZero()) {
            return Integer.MAX_VALUE;
        }
        long calls =
                waiting.stream()
                        .filter(call -> call.homeless() && call.mayShareABatchWith(leader))
                        .count();
        for (Lane other : lanes) {
            if (other != here && Objects.equals(other.batchKey, leader.call.batchKey())) {
                calls += other.homeless;
            }
        }
        return Math.max(1, Math.toIntExact((calls + options.lanes() - 1) / options.lanes()));
    }

    private static int urgency(Call one, Call other) {
        return one.callClass.priority().compareTo(other.callClass.priority());
    }

    /** How each call of a run ends, unless it is tried again alone. */
    private Class<? extends GraphResult> resultOf(List<Call> batch) {
        Set<Long> numbers = batch.stream().map(call -> call.number).collect(Collectors.toSet());
        if (any(numbers, runtime.fatal) || any(numbers, runtime.breaking)) {
            return GraphResult.DeviceLost.class;
        }
        if (any(numbers, runtime.poison)
                || (batch.size() > 1 && any(numbers, runtime.unsociable))) {
            return GraphResult.Failure.class;
        }
        return any(numbers, runtime.forgetful)
                ? GraphResult.DeviceLost.class
                : GraphResult.Success.class;
    }

    private static boolean any(Set<Long> numbers, Set<Long> marked) {
        return numbers.stream().anyMatch(marked::contains);
    }

    private void ended(Call call, GraphResult result, CallTiming timing) {
        check(
                () -> {
                    assertThat(call.state).isEqualTo(State.RUNNING);
                    assertThat(call.cancelled || call.refused).as("cancelled %s", call).isFalse();
                    assertThat(call.result).as("an earlier result of %s", call).isNull();
                    assertThat(result).isInstanceOf(call.expected);
                    if (result instanceof GraphResult.Success) {
                        assertThat(result).isEqualTo(ScriptedRuntime.answer(call.number));
                    }
                    assertThat(timing)
                            .isEqualTo(
                                    new CallTiming(
                                            call.ranNanos - call.submittedNanos,
                                            clock.nanos() - call.ranNanos,
                                            call.batchSize));
                    inOrder(call, call.call.graph());
                    call.call.cache().ifPresent(cache -> inOrder(call, cache));
                });
        call.result = result;
        switch (random.nextInt(60)) {
            case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 -> submitAny();
            case 10, 11, 12, 13, 14 -> cancelAny();
            case 15 -> throw new IllegalStateException("a listener that fails");
            case 16 -> leaveAny();
            default -> {}
        }
    }

    private void inOrder(Call call, Object line) {
        Long before = call.session.lastResults.put(line, call.number);
        assertThat(before == null || before < call.number)
                .as("%s ended after call %s of %s", call, before, line)
                .isTrue();
    }

    /** Lets lanes do all that they can do at this moment: what may run must not be left. */
    private void checkThatNoLaneSleeps() {
        while (!ready.isEmpty() || clock.hasAlarmBy(clock.nanos())) {
            if (ready.isEmpty()) {
                clock.ring();
            } else {
                runReady();
            }
        }
        Set<Integer> busy = lanes.stream().map(lane -> lane.lane).collect(Collectors.toSet());
        List<Call> waiting = waiting();
        long patience =
                clock.nanos() + (percentRejected > 0 ? RETRY_NANOS : options.maxLinger().toNanos());
        boolean prompt = percentRejected == 0 && options.maxLinger().isZero();
        for (int i = 0; i < options.lanes(); i++) {
            int lane = i;
            for (Call call : waiting) {
                if (busy.contains(lane) || !call.mayRunOn(lane)) {
                    continue;
                }
                check(
                        () ->
                                assertThat(prompt && call.isRunnableOn(lane, waiting))
                                        .as("lane %s sleeps, and %s could run", lane, call)
                                        .isFalse());
                check(
                        () ->
                                assertThat(clock.hasAlarmBy(Math.max(patience, call.dueNanos())))
                                        .as("an alarm for %s", call)
                                        .isTrue());
            }
        }
    }

    private void checkCounts() {
        check(() -> assertThat(scheduler.seated()).isEqualTo(seated.size()));
        check(() -> assertThat(seated).hasSizeLessThanOrEqualTo(options.seats()));
        long live = all.values().stream().filter(call -> call.state != State.ENDED).count();
        check(() -> assertThat(scheduler.pending()).isEqualTo(Math.toIntExact(live)));
    }

    /** Keeps what broke for the end: the scheduler would take it for a failure of the runtime. */
    private void check(Runnable assertion) {
        try {
            assertion.run();
        } catch (AssertionError | RuntimeException e) {
            broken.add(e);
        }
    }
}
