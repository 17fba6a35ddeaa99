package dev.omniflow.app.bench.live;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.runtime.EmbeddedCheckpoint;
import dev.omniflow.app.runtime.EmbeddedJob;
import dev.omniflow.app.runtime.EmbeddedRuntime;
import dev.omniflow.app.runtime.EmbeddedRuntimeOptions;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/**
 * The captions job with a broker in this process, a publisher beside it, and the job's metrics.
 *
 * <p>Thread-safe; {@link #close} once.
 */
public final class LiveJob implements AutoCloseable {
    /** In the names of the publisher's threads. */
    public static final String PUBLISHER = "omniflow-bench";

    /** Sessions that hear for hours would fill the disk. */
    private static final long RETENTION_BYTES = 128L << 20;

    /** Checkpoints that Flink remembers. */
    private static final int HISTORY = 4096;

    private static final Duration POLL = Duration.ofMillis(20);

    private final SpeechModels models;
    private final JobMetrics metrics;
    private final EmbeddedRuntime runtime;
    private final EmbeddedJob job;
    private final MediaPublisher publisher;

    private LiveJob(
            SpeechModels models,
            JobMetrics metrics,
            EmbeddedRuntime runtime,
            EmbeddedJob job,
            MediaPublisher publisher) {
        this.models = models;
        this.metrics = metrics;
        this.runtime = runtime;
        this.job = job;
        this.publisher = publisher;
    }

    /** Starts all of it; returns once the job was taken. */
    public static LiveJob start(OmniflowHome home, SpeechModels models, LiveJobOptions options)
            throws CommandException, InterruptedException {
        JobMetrics metrics = JobMetrics.of("captions");
        Map<String, String> settings = new HashMap<>(metrics.settings());
        settings.putAll(options.stateBackend().settings());
        settings.put("web.checkpoints.history", Integer.toString(HISTORY));
        EmbeddedRuntime runtime = null;
        boolean started = false;
        try {
            runtime =
                    EmbeddedRuntime.start(
                            new EmbeddedRuntimeOptions(
                                    home.run(),
                                    options.parallelism(),
                                    KafkaTopics.ofCaptions(options.parallelism()),
                                    options.checkpointInterval(),
                                    settings));
            String brokers = runtime.bootstrapServers();
            limitMedia(brokers);
            Configuration jobOptions = Configuration.fromMap(options.jobOptions());
            jobOptions.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, brokers);
            jobOptions.set(CaptionsJobOptions.BUNDLES, models.folders());
            jobOptions.set(CaptionsJobOptions.ROLLOUTS, false);
            EmbeddedJob job = runtime.submit(env -> CaptionsJob.define(env, jobOptions));
            awaitRunning(job);
            MediaPublisher publisher =
                    MediaPublisher.connect(brokers, Map.of("client.id", PUBLISHER));
            started = true;
            return new LiveJob(models, metrics, runtime, job, publisher);
        } catch (IOException e) {
            throw CommandException.failure("the job did not start: " + e.getMessage(), e);
        } finally {
            if (!started) {
                metrics.forget();
                if (runtime != null) {
                    runtime.close();
                }
            }
        }
    }

    private static void awaitRunning(EmbeddedJob job)
            throws CommandException, IOException, InterruptedException {
        while (!job.allTasksRun()) {
            requireRunning(job);
            Thread.sleep(POLL.toMillis());
        }
    }

    private static void limitMedia(String brokers) throws IOException, InterruptedException {
        ConfigResource media = new ConfigResource(ConfigResource.Type.TOPIC, Topics.MEDIA);
        AlterConfigOp limit =
                new AlterConfigOp(
                        new ConfigEntry("retention.bytes", Long.toString(RETENTION_BYTES)),
                        AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            admin.incrementalAlterConfigs(Map.of(media, List.of(limit))).all().get();
        } catch (ExecutionException e) {
            throw new IOException("the broker does not limit " + Topics.MEDIA, e.getCause());
        }
    }

    /** Opens a session that hears a sound, from that frame of it on. */
    public LiveSession open(String id, short[] sound, int begin)
            throws CommandException, InterruptedException {
        SessionStart start =
                SessionStart.newBuilder()
                        .setProgram("captions")
                        .setModels(models.byRole())
                        .setLanguage(models.language("auto").orElse(null))
                        .build();
        try {
            return new LiveSession(publisher, id, start, sound, begin);
        } catch (IOException e) {
            throw CommandException.failure(e.getMessage(), e);
        }
    }

    /** What the operator tells. */
    public JobMetrics metrics() {
        return metrics;
    }

    /** Graph calls of anything but voice activity. */
    public long recogniserCalls() {
        String voice = models.voiceActivity().id().name();
        return metrics.sum(
                "calls", variables -> !variables.getOrDefault("<graph>", "").startsWith(voice));
    }

    /** Begins a checkpoint; completes once it is complete. */
    public CompletableFuture<Long> checkpoint() {
        return job.checkpoint();
    }

    /** Completed checkpoints, the oldest first. */
    public List<EmbeddedCheckpoint> checkpoints() throws CommandException, InterruptedException {
        try {
            return job.checkpoints();
        } catch (IOException e) {
            throw CommandException.failure(e.getMessage(), e);
        }
    }

    /**
     * Waits until so many records have come to the operator since the job began and have had their
     * effects.
     *
     * @param limit how long nothing may come on; a busy machine takes its time
     */
    public void awaitFolded(long records, Duration limit)
            throws CommandException, InterruptedException {
        long seen = -1;
        long deadline = System.nanoTime();
        while (true) {
            long taken = metrics.sum("numRecordsIn");
            if (taken >= records
                    && metrics.sum("pendingInputs") == 0
                    && metrics.most("pendingCalls") == 0) {
                return;
            }
            requireRunning();
            if (taken > seen) {
                seen = taken;
                deadline = System.nanoTime() + limit.toNanos();
            } else if (System.nanoTime() > deadline) {
                throw CommandException.failure(
                        "the job has taken "
                                + taken
                                + " of "
                                + records
                                + " records, and for "
                                + limit.toSeconds()
                                + " s no more",
                        new IllegalStateException("the job stands still"));
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    /** Throws if the job has ended. */
    public void requireRunning() throws CommandException {
        requireRunning(job);
    }

    private static void requireRunning(EmbeddedJob job) throws CommandException {
        if (job.ended().isDone()) {
            Throwable cause =
                    job.ended()
                            .join()
                            .orElseGet(() -> new IllegalStateException("it was cancelled"));
            throw CommandException.failure("the job has ended: " + cause.getMessage(), cause);
        }
    }

    @Override
    public void close() {
        publisher.close();
        job.cancel();
        runtime.close();
        metrics.forget();
    }
}
