package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the graph calls of many sessions on the lanes of one device, continuously: whenever a lane
 * is free it takes the call that is to run next, and with it the waiting calls that may share its
 * batch.
 *
 * <p>Properties:
 *
 * <ul>
 *   <li>Every call ends exactly once: its listener is called, or it was cancelled and is never
 *       called.
 *   <li>Calls of a session that share a graph or a cache run one after another, in the order in
 *       which they were handed in; so no session is twice in a batch.
 *   <li>More urgent calls go first, tenants of one priority get equal shares, and among equals the
 *       oldest goes first. Nothing starves: one run in so many is led by what waited too long.
 *   <li>A batch holds calls of equal {@link GraphCall#batchKey} only, at most as many as the graph
 *       and the options allow. Beyond what they let it cost, none joins while somebody more urgent
 *       is about.
 *   <li>Calls of a cache stay on the lane that ran its first one, where the cache's rows lie.
 *   <li>A call that fails in a batch is run again alone, so a neighbour's fault is not its own.
 *   <li>Calls wait of at most as many sessions as there are seats.
 * </ul>
 *
 * <p>Thread-safe. Listeners are called on a lane's thread; what they throw is logged and touches no
 * other call.
 */
public final class BatchScheduler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchScheduler.class);
    private static final long NO_ALARM = Long.MAX_VALUE;

    /** When a lane that found no thread asks for one again. */
    private static final long RETRY_NANOS = 100_000_000L;

    private final GraphRuntime runtime;
    private final SchedulerOptions options;
    private final Executor executor;
    private final Clock clock;
    private final CallQueue queue;
    private final boolean[] laneBusy;

    /** When each lane's next alarm goes off, so that none is set in vain. */
    private final long[] alarmNanos;

    private final List<Runnable> waitingForRoom = new ArrayList<>();
    private int seatsTaken;
    private long submitted;

    /** Calls that have not ended. */
    private int pending;

    private boolean closed;

    /**
     * @param runtime runs the batches; not owned
     * @param executor runs the lanes: gives each of them a thread while there is work
     */
    public BatchScheduler(
            GraphRuntime runtime, SchedulerOptions options, Executor executor, Clock clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.options = Objects.requireNonNull(options, "options");
        this.executor = Objects.requireNonNull(executor, "executor");
        this.clock = Objects.requireNonNull(clock, "clock");
        queue = new CallQueue(options, new RunCosts());
        laneBusy = new boolean[options.lanes()];
        alarmNanos = new long[options.lanes()];
        Arrays.fill(alarmNanos, NO_ALARM);
    }

    // ---- seats

    /** A session's place at the device, from which it hands in calls. Thread-safe. */
    public final class Seat {
        private final SessionSeat lines = new SessionSeat();

        private Seat() {}

        /** Hands in a call. */
        public Ticket submit(GraphCall call, CallClass callClass, CallListener listener) {
            return BatchScheduler.this.submit(lines, call, callClass, listener);
        }

        /**
         * Hands in a call without waking a lane for it: for whoever has several to hand in, and
         * then calls {@link BatchScheduler#wakeLanes}.
         */
        public Ticket enqueue(GraphCall call, CallClass callClass, CallListener listener) {
            synchronized (BatchScheduler.this) {
                PendingCall pending = accept(lines, call, callClass, listener);
                if (lines.enter(pending)) {
                    pending.state(PendingCall.State.READY);
                    queue.add(pending, clock.nanos());
                }
                return new Ticket(pending);
            }
        }

        /** Takes back its calls and makes room for another session. Safe to call twice. */
        public void leave() {
            BatchScheduler.this.leave(lines);
        }
    }

    /** A call that was handed in. */
    public final class Ticket {
        private final PendingCall pending;

        private Ticket(PendingCall pending) {
            this.pending = pending;
        }

        /**
         * Takes the call back: its listener is not called any more, unless a lane's thread is
         * calling it at this moment. A run that is under way is not stopped.
         */
        public void cancel() {
            List<Integer> lanes;
            synchronized (BatchScheduler.this) {
                lanes = takeBack(pending);
            }
            wakeAll(lanes);
        }
    }

    /** A seat; empty if all are taken. */
    public synchronized Optional<Seat> trySeat() {
        requireOpen();
        if (seatsTaken == options.seats()) {
            return Optional.empty();
        }
        seatsTaken++;
        return Optional.of(new Seat());
    }

    /**
     * Runs an action once, on any thread, when a seat may be free; at once if one is. Others may be
     * quicker.
     */
    public void whenSeatFree(Runnable action) {
        synchronized (this) {
            if (seatsTaken == options.seats() && !closed) {
                waitingForRoom.add(action);
                return;
            }
        }
        action.run();
    }

    /** Calls that wait or run. */
    public synchronized int pending() {
        return pending;
    }

    /** Sessions that hold a seat. */
    public synchronized int seated() {
        return seatsTaken;
    }

    private void leave(SessionSeat lines) {
        List<Runnable> hopeful;
        synchronized (this) {
            if (lines.left()) {
                return;
            }
            lines.leave();
            // From the last to the first, so that none gets ready only to be taken back.
            for (PendingCall call : lines.youngestFirst()) {
                takeBack(call);
            }
            seatsTaken--;
            hopeful = List.copyOf(waitingForRoom);
            waitingForRoom.clear();
        }
        tell(hopeful);
    }

    private static void tell(List<Runnable> hopeful) {
        for (Runnable action : hopeful) {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                // It belongs to another session: the others hear of the seat all the same.
                LOG.error("a session that waits for a seat could not be told of one", e);
            }
        }
    }

    // ---- calls

    private Ticket submit(
            SessionSeat lines, GraphCall call, CallClass callClass, CallListener listener) {
        PendingCall pending;
        OptionalInt lane = OptionalInt.empty();
        synchronized (this) {
            pending = accept(lines, call, callClass, listener);
            if (lines.enter(pending)) {
                lane = makeReady(pending);
            }
        }
        Ticket ticket = new Ticket(pending);
        if (lane.isPresent()) {
            try {
                wake(lane.getAsInt());
            } catch (RuntimeException | Error e) {
                ticket.cancel();
                throw e;
            }
        }
        return ticket;
    }

    /** Under the lock. */
    private PendingCall accept(
            SessionSeat lines, GraphCall call, CallClass callClass, CallListener listener) {
        requireOpen();
        if (lines.left()) {
            throw new IllegalStateException("the session has left its seat");
        }
        pending++;
        return new PendingCall(submitted++, lines, call, callClass, listener, clock.nanos());
    }

    /** Wakes the idle lanes that have something to run. */
    public void wakeLanes() {
        List<Integer> lanes;
        synchronized (this) {
            lanes = rouse(clock.nanos());
        }
        wakeAll(lanes);
    }

    /** Under the lock: queues a call; the idle lane, now marked as busy, that is to be woken. */
    private OptionalInt makeReady(PendingCall pending) {
        long now = clock.nanos();
        pending.state(PendingCall.State.READY);
        queue.add(pending, now);
        if (closed) {
            return OptionalInt.empty();
        }
        for (int lane = 0; lane < laneBusy.length; lane++) {
            if (laneBusy[lane] || !pending.mayRunOn(lane)) {
                continue;
            }
            OptionalLong back = queue.lingersUntil(lane, pending, now);
            if (back.isEmpty()) {
                laneBusy[lane] = true;
                return OptionalInt.of(lane);
            }
            setAlarm(lane, now, back.getAsLong());
        }
        return OptionalInt.empty();
    }

    /** Gives a lane that is marked as busy its thread. */
    private void wake(int lane) {
        try {
            executor.execute(() -> runLane(lane));
        } catch (RuntimeException | Error e) {
            // Nobody runs that lane: left busy, it would keep close() waiting for ever. Others may
            // have counted on it, so it asks again.
            synchronized (this) {
                laneBusy[lane] = false;
                notifyAll();
                if (!closed) {
                    long now = clock.nanos();
                    setAlarm(lane, now, now + RETRY_NANOS);
                }
            }
            throw e;
        }
    }

    /** Wakes lanes on behalf of calls whose sessions are not here to hear that it failed. */
    private void wakeAll(List<Integer> lanes) {
        for (int lane : lanes) {
            try {
                wake(lane);
            } catch (RuntimeException | Error e) {
                LOG.error("no thread for lane {}, which asks again", lane, e);
            }
        }
    }

    /** Under the lock. A call that runs goes on, unheard. Gives the lanes to wake. */
    private List<Integer> takeBack(PendingCall call) {
        if (call.state() == PendingCall.State.ENDED) {
            return List.of();
        }
        call.cancel();
        if (call.state() == PendingCall.State.RUNNING) {
            return List.of();
        }
        if (call.state() == PendingCall.State.READY) {
            queue.remove(call);
        }
        return finish(call);
    }

    /**
     * Under the lock: a call leaves its session's lines. Gives the idle lanes, now marked as busy,
     * that are to be woken for those behind it.
     */
    private List<Integer> finish(PendingCall call) {
        call.state(PendingCall.State.ENDED);
        pending--;
        List<Integer> lanes = new ArrayList<>(0);
        for (PendingCall freed : call.seat().exit(call)) {
            makeReady(freed).ifPresent(lanes::add);
        }
        return lanes;
    }

    // ---- lanes

    private void runLane(int lane) {
        List<PendingCall> batch = nextBatch(lane);
        while (!batch.isEmpty()) {
            run(lane, batch);
            batch = nextBatch(lane);
        }
    }

    /** The next batch for a lane; empty if it has nothing to do, and then it is idle. */
    private List<PendingCall> nextBatch(int lane) {
        List<PendingCall> batch;
        List<Integer> others;
        synchronized (this) {
            long now = clock.nanos();
            batch = closed ? List.of() : queue.take(lane, now, call -> maxBatchSize(call.call()));
            if (batch.isEmpty()) {
                laneBusy[lane] = false;
                notifyAll();
            }
            for (PendingCall pending : batch) {
                pending.state(PendingCall.State.RUNNING);
            }
            others = rouse(now);
        }
        wakeAll(others);
        return batch;
    }

    /**
     * Under the lock: sets the alarms of idle lanes, and gives those, now marked as busy, that are
     * to be woken at once: a lane may have taken other calls than those that it was woken for.
     */
    private List<Integer> rouse(long now) {
        List<Integer> lanes = new ArrayList<>(0);
        for (int lane = 0; lane < laneBusy.length && !closed && queue.size() > 0; lane++) {
            if (laneBusy[lane]) {
                continue;
            }
            OptionalLong next = queue.nextRunNanos(lane, now, call -> maxBatchSize(call.call()));
            if (next.isPresent() && next.getAsLong() <= now) {
                laneBusy[lane] = true;
                lanes.add(lane);
            } else if (next.isPresent()) {
                setAlarm(lane, now, next.getAsLong());
            }
        }
        return lanes;
    }

    /** Under the lock: wakes a lane when a call has waited long enough for company. */
    private void setAlarm(int lane, long now, long due) {
        if (due < alarmNanos[lane]) {
            alarmNanos[lane] = due;
            clock.after(Duration.ofNanos(Math.max(0, due - now)), () -> alarm(lane, due));
        }
    }

    private void alarm(int lane, long due) {
        synchronized (this) {
            if (alarmNanos[lane] == due) {
                alarmNanos[lane] = NO_ALARM;
            }
            if (closed || laneBusy[lane]) {
                return;
            }
            laneBusy[lane] = true;
        }
        wakeAll(List.of(lane));
    }

    private int maxBatchSize(GraphCall call) {
        try {
            return Math.max(1, runtime.maxBatchSize(call.graph()));
        } catch (RuntimeException e) {
            // The runtime does not know the graph. Run alone, the call gets that as its result.
            LOG.debug("no batch size of {}", call.graph(), e);
            return 1;
        }
    }

    private void run(int lane, List<PendingCall> batch) {
        List<GraphCall> calls = new ArrayList<>(batch.size());
        for (PendingCall pending : batch) {
            calls.add(pending.call());
        }
        long began = clock.nanos();
        List<GraphResult.Success> results;
        try {
            results = runtime.run(lane, calls);
            requireAll(results, calls);
        } catch (GraphException e) {
            handleFailure(lane, batch, e, began);
            return;
        } catch (RuntimeException | Error e) {
            // A runtime that throws anything else is broken: nobody may trust what it returns next.
            complete(
                    batch, Collections.nCopies(batch.size(), new GraphResult.DeviceLost(e)), began);
            return;
        }
        long ended = clock.nanos();
        int limit = maxBatchSize(calls.get(0));
        synchronized (this) {
            queue.ran(lane, batch, limit, ended - began, ended);
        }
        complete(batch, results, began);
    }

    private void handleFailure(
            int lane, List<PendingCall> batch, GraphException failure, long began) {
        if (failure.deviceLost()) {
            complete(
                    batch,
                    Collections.nCopies(batch.size(), new GraphResult.DeviceLost(failure)),
                    began);
            return;
        }
        LOG.warn(
                "a run of {} with {} calls failed, each is tried alone: {}",
                batch.get(0).call().graph(),
                batch.size(),
                failure.getMessage());
        for (PendingCall pending : batch) {
            long again = clock.nanos();
            // A cancelled call's session may have closed its cache by now.
            if (cancelled(pending)) {
                release(List.of(pending));
            } else {
                complete(List.of(pending), List.of(runAlone(lane, pending)), again);
            }
        }
    }

    private GraphResult runAlone(int lane, PendingCall pending) {
        try {
            List<GraphCall> alone = List.of(pending.call());
            List<GraphResult.Success> results = runtime.run(lane, alone);
            requireAll(results, alone);
            return results.get(0);
        } catch (GraphException e) {
            return e.deviceLost()
                    ? new GraphResult.DeviceLost(e)
                    : new GraphResult.Failure(pending.call().graph() + ": " + e.getMessage());
        } catch (RuntimeException | Error e) {
            return new GraphResult.DeviceLost(e);
        }
    }

    private static void requireAll(List<GraphResult.Success> results, List<GraphCall> calls) {
        if (results.size() != calls.size()) {
            throw new IllegalStateException(
                    "the runtime returned "
                            + results.size()
                            + " results for "
                            + calls.size()
                            + " calls of "
                            + calls.get(0).graph());
        }
    }

    private synchronized boolean cancelled(PendingCall pending) {
        return pending.cancelled();
    }

    /**
     * Tells the listeners of a run, then lets the calls behind it go: results of a line come in its
     * order.
     */
    private void complete(
            List<PendingCall> batch, List<? extends GraphResult> results, long began) {
        long ended = clock.nanos();
        for (int i = 0; i < batch.size(); i++) {
            PendingCall call = batch.get(i);
            if (cancelled(call)) {
                continue;
            }
            CallTiming timing =
                    new CallTiming(began - call.submittedNanos(), ended - began, batch.size());
            try {
                call.listener().ended(results.get(i), timing);
            } catch (RuntimeException | Error e) {
                // The lane serves other sessions too: it goes on whatever this one's listener does.
                LOG.error("the listener of a call of {} failed", call.call().graph(), e);
            }
        }
        release(batch);
    }

    private void release(List<PendingCall> batch) {
        List<Integer> lanes = new ArrayList<>(0);
        synchronized (this) {
            for (PendingCall call : batch) {
                lanes.addAll(finish(call));
            }
        }
        wakeAll(lanes);
    }

    // ---- the end

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the scheduler is closed");
        }
    }

    /** Stops taking calls, forgets those that wait, and returns when no run is under way. */
    @Override
    public void close() {
        List<Runnable> hopeful;
        synchronized (this) {
            closed = true;
            hopeful = List.copyOf(waitingForRoom);
            waitingForRoom.clear();
        }
        tell(hopeful);
        awaitIdle();
    }

    private synchronized void awaitIdle() {
        boolean interrupted = false;
        while (anyLaneBusy()) {
            try {
                wait();
            } catch (InterruptedException e) {
                // The runtime's memory is in use until the run ends: go on waiting, and say so
                // afterwards.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean anyLaneBusy() {
        for (boolean busy : laneBusy) {
            if (busy) {
                return true;
            }
        }
        return false;
    }
}
