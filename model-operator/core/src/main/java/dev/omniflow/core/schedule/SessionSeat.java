package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The lines in which the calls of one session wait for each other: calls that share a graph or a
 * cache run one after another, in the order in which they were handed in. Guarded by the
 * scheduler's lock.
 */
final class SessionSeat {
    private final Map<Object, Deque<PendingCall>> byGraph = new HashMap<>(4);
    private final Map<Object, Deque<PendingCall>> byCache = new HashMap<>(4);
    private boolean left;

    /** A call takes its place at the end of its lines. Whether it may run at once. */
    boolean enter(PendingCall pending) {
        join(byGraph, pending.call().graph(), pending);
        pending.call().cache().ifPresent(cache -> join(byCache, cache, pending));
        return !pending.blocked();
    }

    private static void join(
            Map<Object, Deque<PendingCall>> lines, Object key, PendingCall pending) {
        Deque<PendingCall> line = lines.computeIfAbsent(key, any -> new ArrayDeque<>(2));
        if (!line.isEmpty()) {
            pending.block();
        }
        line.add(pending);
    }

    /** A call leaves its lines. Gives those that may run now. */
    List<PendingCall> exit(PendingCall pending) {
        List<PendingCall> freed = new ArrayList<>(1);
        GraphCall call = pending.call();
        part(byGraph, call.graph(), pending, freed);
        call.cache().ifPresent(cache -> part(byCache, cache, pending, freed));
        return freed;
    }

    private static void part(
            Map<Object, Deque<PendingCall>> lines,
            Object key,
            PendingCall pending,
            List<PendingCall> freed) {
        Deque<PendingCall> line = lines.get(key);
        boolean wasFirst = line.peekFirst() == pending;
        line.remove(pending);
        PendingCall first = line.peekFirst();
        if (first == null) {
            lines.remove(key);
        } else if (wasFirst && first.unblock()) {
            freed.add(first);
        }
    }

    /** All calls that have not ended, the last one first. */
    List<PendingCall> youngestFirst() {
        List<PendingCall> calls = new ArrayList<>();
        byGraph.values().forEach(calls::addAll);
        calls.sort(Comparator.comparingLong(PendingCall::number).reversed());
        return calls;
    }

    boolean left() {
        return left;
    }

    void leave() {
        left = true;
    }
}
