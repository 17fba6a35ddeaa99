package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the graph calls of many sessions on the lanes of one device, continuously: whenever a lane
 * is free it takes the call that has waited longest, and with it the waiting calls that may share
 * its batch.
 *
 * <p>Properties:
 *
 * <ul>
 *   <li>Every call ends exactly once: its consumer is called with a result, or it was cancelled and
 *       is never called.
 *   <li>Whatever waits longest is run next, so nothing starves.
 *   <li>A batch holds calls of equal {@link GraphCall#batchKey} only, at most as many as the graph
 *       allows.
 *   <li>Calls of a cache stay on the lane that ran its first one, where the cache's rows lie.
 *   <li>A call that fails in a batch is run again alone, so a neighbour's fault is not its own.
 * </ul>
 *
 * <p>Thread-safe. Consumers are called on a lane's thread and must not block; what they throw is
 * logged and touches no other call.
 */
public final class BatchScheduler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchScheduler.class);

    private final GraphRuntime runtime;
    private final Executor executor;

    /**
     * INVARIANT, under the lock: a queue in here is not empty, and is ordered by its calls'
     * numbers.
     */
    private final Map<Object, Deque<Pending>> waiting = new LinkedHashMap<>();

    private final boolean[] laneBusy;
    private long submitted;
    private boolean closed;

    /**
     * @param runtime runs the batches; not owned
     * @param lanes how many batches run at a time
     * @param executor runs the lanes: gives each of them a thread while there is work
     */
    public BatchScheduler(GraphRuntime runtime, int lanes, Executor executor) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.executor = Objects.requireNonNull(executor, "executor");
        if (lanes < 1) {
            throw new IllegalArgumentException("lanes is " + lanes + ", not >= 1");
        }
        laneBusy = new boolean[lanes];
    }

    /** A call that was handed in. */
    public final class Ticket {
        private final Pending pending;

        private Ticket(Pending pending) {
            this.pending = pending;
        }

        /**
         * Takes the call back: its consumer is not called any more, unless a lane's thread is
         * calling it at this moment. A run that is under way is not stopped.
         */
        public void cancel() {
            synchronized (BatchScheduler.this) {
                pending.cancelled = true;
                Deque<Pending> queue = waiting.get(pending.queueKey);
                if (queue != null && queue.remove(pending) && queue.isEmpty()) {
                    waiting.remove(pending.queueKey);
                }
            }
        }
    }

    /** Hands in a call; its result goes to the consumer. */
    public Ticket submit(GraphCall call, Consumer<GraphResult> consumer) {
        Pending pending;
        int lane;
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("the scheduler is closed");
            }
            pending = new Pending(submitted++, call, consumer);
            waiting.computeIfAbsent(pending.queueKey, key -> new ArrayDeque<>()).add(pending);
            lane = idleLane(pending);
        }
        Ticket ticket = new Ticket(pending);
        if (lane >= 0) {
            try {
                executor.execute(() -> runLane(lane));
            } catch (RuntimeException | Error e) {
                // Nobody runs that lane: left busy, it would keep close() waiting for ever.
                ticket.cancel();
                leave(lane);
                throw e;
            }
        }
        return ticket;
    }

    /** Stops taking calls, forgets those that wait, and returns when no run is under way. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
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

    /** Marks an idle lane that may run the call as busy; -1 if none. */
    private int idleLane(Pending pending) {
        if (pending.home.isPresent()) {
            int home = pending.home.getAsInt();
            if (laneBusy[home]) {
                return -1;
            }
            laneBusy[home] = true;
            return home;
        }
        for (int lane = 0; lane < laneBusy.length; lane++) {
            if (!laneBusy[lane]) {
                laneBusy[lane] = true;
                return lane;
            }
        }
        return -1;
    }

    private boolean anyLaneBusy() {
        for (boolean busy : laneBusy) {
            if (busy) {
                return true;
            }
        }
        return false;
    }

    private void runLane(int lane) {
        List<Pending> batch = nextBatch(lane);
        while (batch != null) {
            run(lane, batch);
            batch = nextBatch(lane);
        }
    }

    /** The next batch for a lane, or null if it has nothing to do and is idle now. */
    private synchronized @Nullable List<Pending> nextBatch(int lane) {
        Deque<Pending> oldest = null;
        for (Deque<Pending> queue : waiting.values()) {
            Pending head = queue.getFirst();
            if (head.mayRunOn(lane) && (oldest == null || head.number < oldest.getFirst().number)) {
                oldest = queue;
            }
        }
        if (oldest == null) {
            leave(lane);
            return null;
        }
        Pending first = oldest.getFirst();
        int limit = maxBatchSize(first.call);
        QueueKey here = new QueueKey(first.batchKey, OptionalInt.of(lane));
        QueueKey anywhere = new QueueKey(first.batchKey, OptionalInt.empty());
        List<Pending> batch = new ArrayList<>();
        while (batch.size() < limit) {
            Pending next = takeOlder(here, anywhere);
            if (next == null) {
                break;
            }
            batch.add(next);
        }
        return batch;
    }

    private synchronized void leave(int lane) {
        laneBusy[lane] = false;
        notifyAll();
    }

    private int maxBatchSize(GraphCall call) {
        try {
            return runtime.maxBatchSize(call.graph());
        } catch (RuntimeException e) {
            // The runtime does not know the graph. Run alone, the call gets that as its result.
            LOG.debug("no batch size of {}", call.graph(), e);
            return 1;
        }
    }

    /** Takes the older of two queues' heads; null if both are empty. */
    private @Nullable Pending takeOlder(QueueKey one, QueueKey other) {
        Deque<Pending> first = waiting.get(one);
        Deque<Pending> second = waiting.get(other);
        if (first == null && second == null) {
            return null;
        }
        boolean takeFirst =
                second == null
                        || (first != null && first.getFirst().number < second.getFirst().number);
        Deque<Pending> queue = Objects.requireNonNull(takeFirst ? first : second);
        Pending older = queue.removeFirst();
        if (queue.isEmpty()) {
            waiting.remove(takeFirst ? one : other);
        }
        return older;
    }

    private void run(int lane, List<Pending> batch) {
        List<GraphCall> calls = new ArrayList<>(batch.size());
        for (Pending pending : batch) {
            calls.add(pending.call);
        }
        List<GraphResult.Success> results;
        try {
            results = runtime.run(lane, calls);
            requireAll(results, calls);
        } catch (GraphException e) {
            handleFailure(lane, batch, e);
            return;
        } catch (RuntimeException | Error e) {
            // A runtime that throws anything else is broken: nobody may trust what it returns next.
            for (Pending pending : batch) {
                complete(pending, new GraphResult.DeviceLost(e));
            }
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            complete(batch.get(i), results.get(i));
        }
    }

    private void handleFailure(int lane, List<Pending> batch, GraphException failure) {
        if (failure.deviceLost()) {
            for (Pending pending : batch) {
                complete(pending, new GraphResult.DeviceLost(failure));
            }
            return;
        }
        LOG.warn(
                "a run of {} with {} calls failed, each is tried alone: {}",
                batch.get(0).call.graph(),
                batch.size(),
                failure.getMessage());
        for (Pending pending : batch) {
            // A cancelled call's session may have closed its cache by now.
            if (!cancelled(pending)) {
                complete(pending, runAlone(lane, pending));
            }
        }
    }

    private GraphResult runAlone(int lane, Pending pending) {
        try {
            List<GraphCall> alone = List.of(pending.call);
            List<GraphResult.Success> results = runtime.run(lane, alone);
            requireAll(results, alone);
            return results.get(0);
        } catch (GraphException e) {
            return e.deviceLost()
                    ? new GraphResult.DeviceLost(e)
                    : new GraphResult.Failure(pending.call.graph() + ": " + e.getMessage());
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

    private synchronized boolean cancelled(Pending pending) {
        return pending.cancelled;
    }

    private void complete(Pending pending, GraphResult result) {
        if (cancelled(pending)) {
            return;
        }
        try {
            pending.consumer.accept(result);
        } catch (RuntimeException | Error e) {
            // The lane serves other sessions too: it goes on whatever this one's consumer does.
            LOG.error("the consumer of a call of {} failed", pending.call.graph(), e);
        }
    }

    private record QueueKey(Object batchKey, OptionalInt home) {}

    private static final class Pending {
        private final long number;
        private final GraphCall call;
        private final Consumer<GraphResult> consumer;
        private final Object batchKey;
        private final OptionalInt home;
        private final QueueKey queueKey;
        private boolean cancelled;

        private Pending(long number, GraphCall call, Consumer<GraphResult> consumer) {
            this.number = number;
            this.call = Objects.requireNonNull(call, "call");
            this.consumer = Objects.requireNonNull(consumer, "consumer");
            batchKey = call.batchKey();
            home = call.cache().map(GraphCache::home).orElse(OptionalInt.empty());
            queueKey = new QueueKey(batchKey, home);
        }

        private boolean mayRunOn(int lane) {
            return home.isEmpty() || home.getAsInt() == lane;
        }
    }
}
