package dev.omniflow.flink;

import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.schedule.BatchScheduler;
import dev.omniflow.core.session.SessionProgramFactory;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Loaded models with what runs them: one for a device and a process, shared by all slots and job
 * restarts. Thread-safe.
 *
 * @param <I> inputs
 * @param <O> outputs
 */
public final class Inference<I, O> implements AutoCloseable {
    private final SessionProgramFactory<I, O> programs;
    private final GraphRuntime runtime;
    private final BatchScheduler scheduler;
    private final ExecutorService lanes;

    /**
     * Takes the runtime over.
     *
     * @param programs makes the sessions' programs
     * @param runtime runs their calls; owned
     * @param laneCount batches that run at a time
     */
    public Inference(SessionProgramFactory<I, O> programs, GraphRuntime runtime, int laneCount) {
        this.programs = Objects.requireNonNull(programs, "programs");
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        AtomicInteger number = new AtomicInteger();
        lanes =
                Executors.newFixedThreadPool(
                        laneCount,
                        task -> {
                            Thread thread =
                                    new Thread(task, "inference-lane-" + number.getAndIncrement());
                            thread.setDaemon(true);
                            return thread;
                        });
        scheduler = new BatchScheduler(runtime, laneCount, lanes);
    }

    public SessionProgramFactory<I, O> programs() {
        return programs;
    }

    public GraphRuntime runtime() {
        return runtime;
    }

    public BatchScheduler scheduler() {
        return scheduler;
    }

    /** Waits for the runs under way, then frees the models. */
    @Override
    public void close() {
        scheduler.close();
        lanes.shutdown();
        runtime.close();
    }
}
