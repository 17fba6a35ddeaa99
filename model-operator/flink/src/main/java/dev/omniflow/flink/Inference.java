package dev.omniflow.flink;

import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.core.schedule.BatchScheduler;
import dev.omniflow.core.schedule.SchedulerOptions;
import dev.omniflow.core.session.SessionProgramFactory;
import dev.omniflow.flink.internal.Lanes;
import java.util.Objects;
import java.util.Optional;

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
    private final Optional<LoadedBundles<?>> bundles;
    private final Lanes lanes;
    private final BatchScheduler scheduler;

    /**
     * Takes the runtime over; its bundles are loaded for good.
     *
     * @param programs makes the sessions' programs
     * @param runtime runs their calls; owned
     * @param laneCount batches that run at a time
     */
    public Inference(SessionProgramFactory<I, O> programs, GraphRuntime runtime, int laneCount) {
        this(programs, runtime, Optional.empty(), SchedulerOptions.ofLanes(laneCount));
    }

    /**
     * Takes the runtime over.
     *
     * @param programs makes the sessions' programs
     * @param runtime runs their calls; owned
     * @param bundles what the runtime has loaded, where bundles come and go
     * @param options how sessions share the device
     */
    public Inference(
            SessionProgramFactory<I, O> programs,
            GraphRuntime runtime,
            Optional<LoadedBundles<?>> bundles,
            SchedulerOptions options) {
        this.programs = Objects.requireNonNull(programs, "programs");
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.bundles = Objects.requireNonNull(bundles, "bundles");
        lanes = new Lanes(options.lanes());
        scheduler = new BatchScheduler(runtime, options, lanes, lanes);
    }

    public SessionProgramFactory<I, O> programs() {
        return programs;
    }

    public GraphRuntime runtime() {
        return runtime;
    }

    /** The bundles that come and go; empty if they are loaded for good. */
    public Optional<LoadedBundles<?>> bundles() {
        return bundles;
    }

    public BatchScheduler scheduler() {
        return scheduler;
    }

    /** Waits for the runs under way, then frees the models. */
    @Override
    public void close() {
        scheduler.close();
        lanes.close();
        runtime.close();
    }
}
