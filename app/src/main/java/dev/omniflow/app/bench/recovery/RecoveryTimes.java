package dev.omniflow.app.bench.recovery;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How long sessions waited for something new after a kill: from the kill to the first output that
 * was never seen before and that the job emitted after its restart. What a part of the job that
 * lived on still emitted before it was stopped does not count.
 *
 * @param sessionsMs for each kill and each session that it hit, in milliseconds
 * @param firstMs for each kill, the shortest of its sessions' times
 * @param never kills and sessions after which nothing came
 */
record RecoveryTimes(List<Long> sessionsMs, List<Long> firstMs, int never) {
    RecoveryTimes {
        sessionsMs = List.copyOf(sessionsMs);
        firstMs = List.copyOf(firstMs);
    }

    /**
     * Finds them.
     *
     * @param seen new outputs, in the order in which they came
     */
    static RecoveryTimes of(List<Kill> kills, List<Seen> seen) {
        List<Long> sessions = new ArrayList<>();
        List<Long> first = new ArrayList<>();
        int never = 0;
        for (Kill kill : kills) {
            Set<String> waiting = new HashSet<>(kill.affected());
            boolean none = true;
            for (Seen each : seen) {
                if (each.output().getEmittedTimeUs() < kill.resumedUs()
                        || each.nanos() < kill.nanos()
                        || !waiting.remove(each.output().getSession())) {
                    continue;
                }
                long tookMs = (each.nanos() - kill.nanos()) / 1_000_000;
                sessions.add(tookMs);
                if (none) {
                    first.add(tookMs);
                    none = false;
                }
            }
            never += waiting.size();
        }
        return new RecoveryTimes(sessions, first, never);
    }

    /** The middle of some times; of an even number, the greater of the two in the middle. */
    static long median(List<Long> times) {
        List<Long> sorted = times.stream().sorted().toList();
        return sorted.isEmpty() ? -1 : sorted.get(sorted.size() / 2);
    }

    /** The longest of some times. */
    static long longest(List<Long> times) {
        return times.isEmpty() ? -1 : Collections.max(times);
    }
}
