package dev.omniflow.app.bench.operator;

import dev.omniflow.app.runtime.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Flink cluster in this process, on which jobs are measured. A job that fails stays failed. */
final class BenchCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BenchCluster.class);
    private static final String HOST = "127.0.0.1";
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);
    private static final int SLOTS = 2;

    private final MiniCluster cluster;
    private final RunFolder folder;

    private BenchCluster(MiniCluster cluster, RunFolder folder) {
        this.cluster = cluster;
        this.folder = folder;
    }

    /**
     * Starts a cluster; returns once it takes jobs.
     *
     * @param runs where its folder goes for as long as it runs
     */
    static BenchCluster start(Path runs) throws BenchException {
        Configuration settings = new Configuration();
        settings.set(RestOptions.PORT, 0);
        settings.set(RestOptions.BIND_PORT, "0");
        settings.set(RestOptions.ADDRESS, HOST);
        settings.set(RestOptions.BIND_ADDRESS, HOST);
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(4));
        // All in one process: a missed heartbeat means a busy machine, not one that died.
        settings.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofHours(12));
        RunFolder folder;
        try {
            folder = RunFolder.create(runs);
        } catch (IOException e) {
            throw new BenchException("cannot make a folder for checkpoints: " + e.getMessage(), e);
        }
        settings.set(CoreOptions.TMP_DIRS, folder.path().resolve("tmp").toString());
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(settings)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(SLOTS)
                                .setCommonBindAddress(HOST)
                                .build());
        try {
            cluster.start();
        } catch (Exception e) {
            delete(folder);
            throw new BenchException("the Flink cluster did not start: " + e.getMessage(), e);
        }
        return new BenchCluster(cluster, folder);
    }

    /**
     * An environment to define a job in.
     *
     * @param checkpointInterval zero for none
     */
    StreamExecutionEnvironment environment(Duration checkpointInterval) {
        Configuration settings = new Configuration();
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        if (!checkpointInterval.isZero()) {
            settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
            settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
            settings.set(
                    CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                    folder.path().resolve("checkpoints").toUri().toString());
        }
        StreamExecutionEnvironment environment = new StreamExecutionEnvironment(settings);
        environment.setParallelism(1);
        environment.setBufferTimeout(0);
        return environment;
    }

    /** Submits a job. What it returns completes once the job has ended, however it did. */
    CompletableFuture<JobResult> submit(StreamExecutionEnvironment environment, String name)
            throws BenchException, InterruptedException {
        JobGraph job = environment.getStreamGraph().getJobGraph();
        try {
            cluster.submitJob(job).get();
        } catch (ExecutionException e) {
            throw new BenchException("the cluster did not take the job " + name, e.getCause());
        }
        return cluster.requestJobResult(job.getJobID());
    }

    @Override
    public void close() {
        try {
            cluster.closeAsync().get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the Flink cluster did not close", e);
        } catch (InterruptedException e) {
            // Whoever interrupts does not want to wait; the cluster goes on closing by itself.
            Thread.currentThread().interrupt();
        } finally {
            delete(folder);
        }
    }

    private static void delete(RunFolder folder) {
        try {
            folder.close();
        } catch (IOException e) {
            // The next run that makes a folder here deletes it.
            LOG.warn("{} was not deleted", folder.path(), e);
        }
    }
}
