package dev.omniflow.app.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job on the embedded cluster. It runs until it fails or is {@linkplain #cancel cancelled}.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedJob {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedJob.class);
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(20);

    private final MiniCluster cluster;
    private final JobID id;
    private final CompletableFuture<JobResult> result;

    private EmbeddedJob(MiniCluster cluster, JobID id) {
        this.cluster = cluster;
        this.id = id;
        this.result = cluster.requestJobResult(id);
    }

    static EmbeddedJob submit(MiniCluster cluster, JobGraph graph)
            throws IOException, InterruptedException {
        try {
            cluster.submitJob(graph).get();
        } catch (ExecutionException e) {
            throw new IOException("the Flink cluster did not take the job", e.getCause());
        }
        return new EmbeddedJob(cluster, graph.getJobID());
    }

    /**
     * Completes once the job has ended: empty after {@link #cancel}, else with what made it fail.
     */
    public CompletableFuture<Optional<Throwable>> ended() {
        return result.handle(
                (outcome, error) -> {
                    if (error != null) {
                        return Optional.of(error);
                    }
                    if (outcome.getJobStatus().orElse(null) == JobStatus.CANCELED) {
                        return Optional.empty();
                    }
                    return Optional.of(
                            outcome.getSerializedThrowable()
                                    .<Throwable>map(
                                            failure ->
                                                    failure.deserializeError(
                                                            EmbeddedJob.class.getClassLoader()))
                                    .orElseGet(
                                            () ->
                                                    new IllegalStateException(
                                                            "the job came to an end by itself")));
                });
    }

    /** Whether every task runs: no checkpoint is taken before. */
    public boolean allTasksRun() throws IOException, InterruptedException {
        try {
            int tasks = 0;
            for (AccessExecutionVertex task :
                    cluster.getExecutionGraph(id).get().getAllExecutionVertices()) {
                if (task.getExecutionState() != ExecutionState.RUNNING) {
                    return false;
                }
                tasks++;
            }
            // A job that is about to begin has none.
            return tasks > 0;
        } catch (ExecutionException e) {
            throw new IOException("the Flink cluster does not tell of tasks", e.getCause());
        }
    }

    /** Begins a checkpoint; completes, with its number, once it is complete. */
    public CompletableFuture<Long> checkpoint() {
        return cluster.triggerCheckpoint(id, CheckpointType.CONFIGURED);
    }

    /** The checkpoints that were completed, the oldest first, as far back as Flink remembers. */
    public List<EmbeddedCheckpoint> checkpoints() throws IOException, InterruptedException {
        try {
            CheckpointStatsSnapshot statistics =
                    cluster.getExecutionGraph(id).get().getCheckpointStatsSnapshot();
            if (statistics == null) {
                return List.of();
            }
            return statistics.getHistory().getCheckpoints().stream()
                    .filter(each -> each.getStatus() == CheckpointStatsStatus.COMPLETED)
                    .map(
                            each ->
                                    new EmbeddedCheckpoint(
                                            each.getCheckpointId(),
                                            each.getStateSize(),
                                            each.getCheckpointedSize(),
                                            Duration.ofMillis(each.getEndToEndDuration())))
                    .sorted(Comparator.comparingLong(EmbeddedCheckpoint::id))
                    .toList();
        } catch (ExecutionException e) {
            throw new IOException("the Flink cluster does not tell of checkpoints", e.getCause());
        }
    }

    /**
     * Ends the job and waits until its tasks are gone, unless the thread is interrupted. Does
     * nothing if it has ended.
     */
    public void cancel() {
        if (result.isDone()) {
            return;
        }
        try {
            cluster.cancelJob(id).get(CANCEL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            result.get(CANCEL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // The cluster closes next, which ends the tasks the hard way.
            LOG.warn("the job was not cancelled cleanly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
