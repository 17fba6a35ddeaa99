package dev.omniflow.flink.internal;

import dev.omniflow.core.schedule.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads and the clock of a scheduler: a thread for each lane, and one for alarms. */
public final class Lanes implements Executor, Clock, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private final ExecutorService threads;
    private final ScheduledThreadPoolExecutor alarms;

    public Lanes(int lanes) {
        threads = Executors.newFixedThreadPool(lanes, daemons("inference-lane-"));
        alarms = new ScheduledThreadPoolExecutor(1, daemons("inference-alarm-"));
        alarms.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private static ThreadFactory daemons(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void execute(Runnable lane) {
        threads.execute(lane);
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public void after(Duration delay, Runnable action) {
        try {
            Future<?> unused =
                    alarms.schedule(() -> run(action), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("an alarm came after the scheduler closed");
        }
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("an alarm of the scheduler failed", e);
        }
    }

    /** Gives the threads up; no lane is at work. */
    @Override
    public void close() {
        alarms.shutdownNow();
        threads.shutdown();
    }
}
