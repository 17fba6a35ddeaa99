package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.schedule.PendingCall.BatchPlace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for a lane, and the choice of those that run next. Guarded by the scheduler's
 * lock.
 *
 * <p>The call that leads a batch is, in this order:
 *
 * <ol>
 *   <li>every so often the oldest of the starved ones, whatever its class,
 *   <li>else one of the most urgent priority that waits; of these one of the tenant that had the
 *       least of the device; of these the oldest.
 * </ol>
 *
 * The rest of the batch are calls that may share it, chosen likewise one by one. Beyond what a
 * batch may cost, none joins while more urgent calls than it are about. Of the calls that any lane
 * may run a lane takes no more than its part, so that others need not stand idle and caches get
 * their homes on all of them.
 */
final class CallQueue {
    /** One run in so many belongs to the starved. */
    private static final int STARVED_SHARE = 8;

    /** How long after its last call a priority still counts as being about. */
    private static final long ABOUT_NANOS = 1_000_000_000L;

    /** A call that waited for another of its session comes late, and still before younger ones. */
    private static final Comparator<PendingCall> BY_AGE =
            Comparator.comparingLong(PendingCall::number);

    private final SchedulerOptions options;
    private final RunCosts costs;

    /** Of each priority its own: what a tenant's files had does not count against its captions. */
    private final EnumMap<Priority, FairShares> shares = new EnumMap<>(Priority.class);

    private final Lingering lingering;

    /** INVARIANT: no map or queue in here is empty. */
    private final Map<BatchPlace, Map<CallClass, NavigableSet<PendingCall>>> places =
            new HashMap<>();

    private final Comparator<PendingCall> order =
            Comparator.comparing((PendingCall call) -> call.callClass().priority())
                    .thenComparingLong(call -> shares(call).served(call.callClass().tenant()))
                    .thenComparingLong(PendingCall::number);

    private final EnumMap<Priority, Integer> waiting = new EnumMap<>(Priority.class);
    private final EnumMap<Priority, Long> lastSeen = new EnumMap<>(Priority.class);
    private final int[] runsSinceStarved;

    /** What each lane took last of the calls that any lane might have run. */
    private final @Nullable Part[] parts;

    private int size;

    private record Part(Object batchKey, int calls) {}

    CallQueue(SchedulerOptions options, RunCosts costs) {
        this.options = options;
        this.costs = costs;
        lingering = new Lingering(options);
        runsSinceStarved = new int[options.lanes()];
        parts = new Part[options.lanes()];
        for (Priority priority : Priority.values()) {
            shares.put(priority, new FairShares());
        }
    }

    int size() {
        return size;
    }

    void add(PendingCall pending, long now) {
        CallClass callClass = pending.callClass();
        places.computeIfAbsent(pending.place(), place -> new HashMap<>())
                .computeIfAbsent(callClass, key -> new TreeSet<>(BY_AGE))
                .add(pending);
        shares(pending).arrived(callClass.tenant());
        lingering.arrived(pending);
        waiting.merge(callClass.priority(), 1, Integer::sum);
        lastSeen.put(callClass.priority(), now);
        size++;
    }

    /** Takes a call out that shall not run. */
    void remove(PendingCall pending) {
        NavigableSet<PendingCall> queue = queueOf(pending);
        if (queue != null && queue.remove(pending)) {
            gone(pending, queue);
        }
    }

    /** A lane ran a batch of these calls. */
    void ran(int lane, List<PendingCall> batch, int graphLimit, long tookNanos, long now) {
        GraphRef graph = batch.get(0).call().graph();
        costs.ran(graph, batch.size(), tookNanos);
        int limit = Math.min(graphLimit, options.maxBatchSize());
        lingering.ran(lane, graph, batch.size(), limit, tookNanos, now);
    }

    /** Until when a lane waits for more calls before it runs this one; empty if it does not. */
    OptionalLong lingersUntil(int lane, PendingCall call, long now) {
        return lingering.until(lane, call.call().graph(), now);
    }

    /**
     * Takes the calls that a lane runs next; empty if none may run there now.
     *
     * @param graphLimit most calls in a batch with that call
     */
    List<PendingCall> take(int lane, long now, ToIntFunction<PendingCall> graphLimit) {
        Predicate<PendingCall> runnable = runnable(lane, now, graphLimit);
        PendingCall leader = leader(lane, now, runnable);
        parts[lane] = null;
        if (leader == null) {
            return List.of();
        }
        // Urgent calls that waited too long lead anyway: that is no run for the starved.
        boolean forStarved = starved(leader, now) && leader == oldestStarved(runnable, now);
        runsSinceStarved[lane] =
                forStarved ? 0 : Math.min(runsSinceStarved[lane] + 1, STARVED_SHARE);
        Object batchKey = leader.place().batchKey();
        List<Map<CallClass, NavigableSet<PendingCall>>> sources = sources(batchKey, lane);
        int part = partOf(batchKey);
        int homeless = 0;
        int limit = Math.min(graphLimit.applyAsInt(leader), options.maxBatchSize());
        int affordable = costs.affordable(leader.call().graph(), options.maxBatchCost().toNanos());
        List<PendingCall> batch = new ArrayList<>(Math.min(limit, 64));
        PendingCall next = leader;
        while (next != null && batch.size() < limit) {
            if (batch.size() >= affordable && moreUrgentAbout(next.callClass().priority(), now)) {
                break;
            }
            pull(next);
            batch.add(next);
            homeless += next.place().home().isEmpty() ? 1 : 0;
            boolean more = homeless < part;
            next = first(sources, call -> more || call.place().home().isPresent());
        }
        parts[lane] = new Part(batchKey, homeless);
        shares.values().forEach(FairShares::settle);
        return batch;
    }

    /**
     * A lane's part of the calls that any lane may run: those that wait and those that run. All of
     * them where batches wait to fill: what was waited for is not divided again.
     */
    private int partOf(Object batchKey) {
        if (!options.maxQueueDelay().isZero()) {
            return Integer.MAX_VALUE;
        }
        int calls = 0;
        Map<CallClass, NavigableSet<PendingCall>> anywhere =
                places.get(new BatchPlace(batchKey, OptionalInt.empty()));
        if (anywhere != null) {
            for (NavigableSet<PendingCall> queue : anywhere.values()) {
                calls += queue.size();
            }
        }
        for (Part part : parts) {
            if (part != null && part.batchKey().equals(batchKey)) {
                calls += part.calls();
            }
        }
        return Math.max(1, (calls + parts.length - 1) / parts.length);
    }

    /** When a lane may run a call that waits for it, at the earliest now; empty if none does. */
    OptionalLong nextRunNanos(int lane, long now, ToIntFunction<PendingCall> graphLimit) {
        Predicate<PendingCall> runnable = runnable(lane, now, graphLimit);
        long next = Long.MAX_VALUE;
        for (PendingCall head : heads(places.values())) {
            if (runnable.test(head)) {
                return OptionalLong.of(now);
            }
            if (head.mayRunOn(lane)) {
                long due = head.submittedNanos() + options.maxQueueDelay().toNanos();
                long back = lingersUntil(lane, head, now).orElse(due);
                next = Math.min(next, Math.max(due, back));
            }
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    private Predicate<PendingCall> runnable(
            int lane, long now, ToIntFunction<PendingCall> graphLimit) {
        return call ->
                call.mayRunOn(lane)
                        && (due(call, now) || full(call, lane, graphLimit))
                        && lingersUntil(lane, call, now).isEmpty();
    }

    private @Nullable PendingCall leader(int lane, long now, Predicate<PendingCall> runnable) {
        if (runsSinceStarved[lane] >= STARVED_SHARE - 1) {
            PendingCall oldest = oldestStarved(runnable, now);
            if (oldest != null) {
                return oldest;
            }
        }
        return first(places.values(), runnable);
    }

    private @Nullable PendingCall oldestStarved(Predicate<PendingCall> runnable, long now) {
        PendingCall oldest = null;
        for (PendingCall head : heads(places.values())) {
            if (starved(head, now)
                    && (oldest == null || head.number() < oldest.number())
                    && runnable.test(head)) {
                oldest = head;
            }
        }
        return oldest;
    }

    private boolean due(PendingCall call, long now) {
        return call.waitedNanos(now) >= options.maxQueueDelay().toNanos();
    }

    private boolean full(PendingCall call, int lane, ToIntFunction<PendingCall> graphLimit) {
        int limit = Math.min(graphLimit.applyAsInt(call), options.maxBatchSize());
        int calls = 0;
        for (Map<CallClass, NavigableSet<PendingCall>> place :
                sources(call.place().batchKey(), lane)) {
            for (NavigableSet<PendingCall> queue : place.values()) {
                calls += queue.size();
            }
        }
        return calls >= limit;
    }

    private boolean starved(PendingCall call, long now) {
        return call.waitedNanos(now) >= options.starvedAfter().toNanos();
    }

    /** Whether somebody more urgent waits, or came so lately that more may follow. */
    private boolean moreUrgentAbout(Priority priority, long now) {
        for (Priority other : Priority.values()) {
            if (other.compareTo(priority) >= 0) {
                return false;
            }
            Long seen = lastSeen.get(other);
            if (waiting.getOrDefault(other, 0) > 0 || (seen != null && now - seen < ABOUT_NANOS)) {
                return true;
            }
        }
        return false;
    }

    /** Where calls wait that may run on a lane with that batch key. */
    private List<Map<CallClass, NavigableSet<PendingCall>>> sources(Object batchKey, int lane) {
        List<Map<CallClass, NavigableSet<PendingCall>>> sources = new ArrayList<>(2);
        for (OptionalInt home : List.of(OptionalInt.of(lane), OptionalInt.empty())) {
            Map<CallClass, NavigableSet<PendingCall>> place =
                    places.get(new BatchPlace(batchKey, home));
            if (place != null) {
                sources.add(place);
            }
        }
        return sources;
    }

    private static List<PendingCall> heads(
            Iterable<Map<CallClass, NavigableSet<PendingCall>>> from) {
        List<PendingCall> heads = new ArrayList<>();
        for (Map<CallClass, NavigableSet<PendingCall>> place : from) {
            for (NavigableSet<PendingCall> queue : place.values()) {
                heads.add(queue.first());
            }
        }
        return heads;
    }

    /** The first of what heads the queues, by urgency, tenant and age. */
    private @Nullable PendingCall first(
            Iterable<Map<CallClass, NavigableSet<PendingCall>>> from,
            Predicate<PendingCall> allowed) {
        PendingCall first = null;
        for (PendingCall head : heads(from)) {
            if (allowed.test(head) && (first == null || order.compare(head, first) < 0)) {
                first = head;
            }
        }
        return first;
    }

    private void pull(PendingCall pending) {
        NavigableSet<PendingCall> queue = Objects.requireNonNull(queueOf(pending));
        queue.remove(pending);
        shares(pending).charge(pending.callClass().tenant(), costs.ofCall(pending.call().graph()));
        gone(pending, queue);
    }

    private FairShares shares(PendingCall pending) {
        return Objects.requireNonNull(shares.get(pending.callClass().priority()));
    }

    private @Nullable NavigableSet<PendingCall> queueOf(PendingCall pending) {
        Map<CallClass, NavigableSet<PendingCall>> place = places.get(pending.place());
        return place == null ? null : place.get(pending.callClass());
    }

    private void gone(PendingCall pending, NavigableSet<PendingCall> queue) {
        if (queue.isEmpty()) {
            Map<CallClass, NavigableSet<PendingCall>> place =
                    Objects.requireNonNull(places.get(pending.place()));
            place.remove(pending.callClass());
            if (place.isEmpty()) {
                places.remove(pending.place());
            }
        }
        waiting.merge(pending.callClass().priority(), -1, Integer::sum);
        shares(pending).gone(pending.callClass().tenant());
        lingering.gone(pending);
        size--;
    }
}
