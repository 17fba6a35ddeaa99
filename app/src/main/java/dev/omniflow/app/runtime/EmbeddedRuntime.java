package dev.omniflow.app.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker and a Flink cluster in this process: the whole system with nothing else installed.
 * Both start at the same time, in the background. What they hold lies in one folder, which {@link
 * #close} deletes; the folders of processes that died are deleted at the next start.
 *
 * <p>Safe for use by several threads.
 */
public final class EmbeddedRuntime implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRuntime.class);

    private static final Duration AT_EXIT_LIMIT = Duration.ofSeconds(3);
    private static final Duration AT_EXIT_PAUSE = Duration.ofMillis(50);

    private final RunFolder folder;
    private final Runnable atExit;
    private final CompletableFuture<EmbeddedBroker> broker;
    private final CompletableFuture<EmbeddedCluster> cluster;

    private EmbeddedRuntime(
            RunFolder folder,
            CompletableFuture<EmbeddedBroker> broker,
            CompletableFuture<EmbeddedCluster> cluster) {
        this.folder = folder;
        this.broker = broker;
        this.cluster = cluster;
        this.atExit = this::deleteFolderAtExit;
        AtExit.add(atExit);
    }

    /** Begins to start a runtime, and returns at once. */
    public static EmbeddedRuntime start(EmbeddedRuntimeOptions options) throws IOException {
        RunFolder folder = RunFolder.create(options.runFolder());
        ExecutorService starters =
                Executors.newFixedThreadPool(
                        2,
                        task -> {
                            Thread thread = new Thread(task, "omniflow-start");
                            thread.setDaemon(true);
                            return thread;
                        });
        CompletableFuture<EmbeddedBroker> broker =
                started(
                        starters,
                        () -> {
                            EmbeddedBroker started =
                                    EmbeddedBroker.start(folder.path().resolve("kafka"));
                            try {
                                started.createTopics(options.partitionsByTopic());
                            } catch (IOException | InterruptedException | RuntimeException e) {
                                started.close();
                                throw e;
                            }
                            return started;
                        });
        CompletableFuture<EmbeddedCluster> cluster =
                started(
                        starters,
                        () ->
                                EmbeddedCluster.start(
                                        folder.path().resolve("flink"),
                                        options.parallelism(),
                                        options.checkpointInterval(),
                                        options.clusterSettings()));
        starters.shutdown();
        return new EmbeddedRuntime(folder, broker, cluster);
    }

    /** Where the broker takes requests. Waits until it does and the topics are there. */
    public String bootstrapServers() throws IOException, InterruptedException {
        return await(broker).bootstrapServers();
    }

    /** Completes exceptionally, with the reason, if the broker stops by itself. */
    public CompletableFuture<Void> brokerStopped() {
        return broker.thenCompose(EmbeddedBroker::stopped);
    }

    /**
     * Submits a job. Waits for the cluster.
     *
     * @param definition adds the job's sources, operators and sinks to the environment
     */
    public EmbeddedJob submit(Consumer<StreamExecutionEnvironment> definition)
            throws IOException, InterruptedException {
        EmbeddedCluster running = await(cluster);
        StreamExecutionEnvironment environment = running.environment();
        definition.accept(environment);
        return running.submit(environment);
    }

    /**
     * Ends the jobs, the cluster and then the broker, so that no job sees its broker go, and
     * deletes what they held. Failures are logged: there is nothing a caller could still do.
     */
    @Override
    public void close() {
        close(cluster);
        close(broker);
        deleteFolder();
        AtExit.remove(atExit);
    }

    /**
     * While the process ends, broker and cluster still write: what they make anew is deleted anew,
     * until they find nothing to write to.
     */
    private void deleteFolderAtExit() {
        long deadline = System.nanoTime() + AT_EXIT_LIMIT.toNanos();
        while (true) {
            try {
                folder.close();
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    LOG.warn("cannot delete {}; the next start tries again", folder.path(), e);
                    return;
                }
            }
            try {
                Thread.sleep(AT_EXIT_PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void deleteFolder() {
        try {
            folder.close();
        } catch (IOException e) {
            LOG.warn("cannot delete {}; the next start tries again", folder.path(), e);
        }
    }

    private static void close(CompletableFuture<? extends AutoCloseable> part) {
        try {
            part.get().close();
        } catch (ExecutionException e) {
            LOG.debug("it never started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("a part of the embedded runtime did not close cleanly", e);
        }
    }

    private static <T> CompletableFuture<T> started(ExecutorService starters, Starter<T> starter) {
        CompletableFuture<T> future = new CompletableFuture<>();
        starters.execute(
                () -> {
                    try {
                        future.complete(starter.start());
                    } catch (Throwable e) {
                        // Whatever it is, whoever waits for this part must hear of it.
                        future.completeExceptionally(e);
                    }
                });
        return future;
    }

    private static <T> T await(CompletableFuture<T> part) throws IOException, InterruptedException {
        try {
            return part.get();
        } catch (ExecutionException e) {
            throw new IOException("the embedded runtime did not start", e.getCause());
        }
    }

    /** Starts one part. */
    private interface Starter<T> {
        T start() throws IOException, InterruptedException;
    }
}
