package dev.omniflow.core.schedule;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

/** A clock that goes on when a test says so. Not thread-safe. */
final class ManualClock implements Clock {
    private record Alarm(long atNanos, long order, Runnable action) {}

    private final PriorityQueue<Alarm> alarms =
            new PriorityQueue<>(
                    Comparator.comparingLong(Alarm::atNanos).thenComparingLong(Alarm::order));
    private long now = 1_000_000_000L;
    private long set;

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public void after(Duration delay, Runnable action) {
        alarms.add(new Alarm(now + delay.toNanos(), set++, action));
    }

    /** Time passes; alarms that are due do not go off by themselves. */
    void pass(Duration time) {
        now += time.toNanos();
    }

    boolean hasAlarm() {
        return !alarms.isEmpty();
    }

    /** Whether an alarm goes off by then at the latest. */
    boolean hasAlarmBy(long nanos) {
        return !alarms.isEmpty() && alarms.peek().atNanos() <= nanos;
    }

    /** The next alarm goes off, at its time or later. */
    void ring() {
        Alarm next = Optional.ofNullable(alarms.poll()).orElseThrow();
        now = Math.max(now, next.atNanos());
        next.action().run();
    }

    /** Time passes, and what is due meanwhile goes off. */
    void passWithAlarms(Duration time) {
        long end = now + time.toNanos();
        while (!alarms.isEmpty() && alarms.peek().atNanos() <= end) {
            ring();
        }
        now = end;
    }
}
