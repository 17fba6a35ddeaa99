package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.runtime.EmbeddedJob;
import dev.omniflow.app.runtime.EmbeddedRuntime;
import dev.omniflow.app.runtime.EmbeddedRuntimeOptions;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.ingest.FileIngest;
import dev.omniflow.ingest.FileIngestOptions;
import dev.omniflow.ingest.IngestResult;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.ingest.MediaUnreadableException;
import dev.omniflow.ingest.ModelDirectory;
import dev.omniflow.ingest.ModelsUnavailableException;
import dev.omniflow.ingest.SessionIds;
import dev.omniflow.ingest.SessionModels;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Fault;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Topics;
import dev.omniflow.sinks.kafka.SessionOutputs;
import dev.omniflow.sinks.kafka.StartPosition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captions files as sessions: each goes as events through a broker and the captions job, and comes
 * back from the record. Any number of sessions run at a time; a caller brings the thread of each.
 * Broker and job are embedded and owned, or run elsewhere.
 *
 * <p>Thread-safe.
 */
public final class CaptionService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CaptionService.class);
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(500);

    private final String bootstrapServers;

    /** Tells sessions of this service from those of others on the same broker; may be empty. */
    private final String runId;

    private final MediaPublisher publisher;
    private final FileIngest ingest;
    private final OutputFollower record;
    private final @Nullable OutputFollower live;
    private final @Nullable Embedded embedded;
    private final AtomicInteger sessions = new AtomicInteger();

    /** The job, once it was submitted. */
    private final CompletableFuture<EmbeddedJob> job = new CompletableFuture<>();

    /** Completes exceptionally, with a reason for people, once no session can go on. */
    private final CompletableFuture<Void> broken = new CompletableFuture<>();

    /** Follows the rollouts of a broker elsewhere. */
    private final @Nullable ModelDirectory directory;

    private CaptionService(
            String bootstrapServers,
            String runId,
            boolean live,
            @Nullable Embedded embedded,
            @Nullable ModelDirectory directory,
            SessionModels sessionModels) {
        this.bootstrapServers = bootstrapServers;
        this.runId = runId;
        this.embedded = embedded;
        this.directory = directory;
        this.publisher = MediaPublisher.connect(bootstrapServers, Map.of(), sessionModels);
        this.ingest = new FileIngest(publisher);
        this.record = follow(Topics.CAPTIONS);
        this.live = live ? follow(Topics.LIVE) : null;
        if (embedded != null) {
            watch("the embedded Kafka broker stopped", embedded.runtime.brokerStopped());
            embedded.submitter = new Thread(() -> submit(embedded), "omniflow-submit");
            embedded.submitter.setDaemon(true);
            embedded.submitter.start();
        }
    }

    /**
     * Uses a broker on which the captions job runs already. Whether a job is there cannot be seen:
     * where there is none, a session waits.
     *
     * @param bootstrapServers of the broker, as host:port
     * @param live whether to follow the live topic too
     */
    public static CaptionService connect(String bootstrapServers, boolean live) {
        return new CaptionService(
                bootstrapServers, runId(), live, null, null, SessionModels.AS_NAMED);
    }

    /**
     * Uses a broker on which the captions job runs already, with the models that its rollouts
     * choose for sessions that name none.
     *
     * @param bootstrapServers of the broker, as host:port
     * @param otherwise models by role of sessions for which nothing was decided
     */
    public static CaptionService connect(String bootstrapServers, Map<String, String> otherwise)
            throws CommandException, InterruptedException {
        ModelDirectory directory;
        try {
            directory = ModelDirectory.connect(bootstrapServers, Map.of());
        } catch (ModelsUnavailableException e) {
            throw CommandException.failure(
                    "cannot read which models are in service: " + e.getMessage(), e);
        }
        return new CaptionService(
                bootstrapServers,
                runId(),
                false,
                null,
                directory,
                directory.withDefaults(otherwise));
    }

    /** The topics of a broker elsewhere hold the sessions of others, and of earlier runs. */
    private static String runId() {
        return UUID.randomUUID().toString().substring(0, 8) + "-";
    }

    /**
     * Starts the embedded runtime and the captions job; returns once sessions can begin.
     *
     * @param parallelism of the job
     * @param live whether to follow the live topic too
     */
    public static CaptionService start(
            OmniflowHome home, SpeechModels models, int parallelism, boolean live)
            throws CommandException, InterruptedException {
        EmbeddedRuntime runtime;
        try {
            runtime =
                    EmbeddedRuntime.start(
                            new EmbeddedRuntimeOptions(
                                    home.run(),
                                    parallelism,
                                    KafkaTopics.ofCaptions(parallelism),
                                    CHECKPOINT_INTERVAL));
        } catch (IOException e) {
            throw CommandException.failure(
                    "cannot make a folder for run data in "
                            + home.run()
                            + " ("
                            + e.getMessage()
                            + "): check its permissions and the disk's space, or set OMNIFLOW_HOME",
                    e);
        }
        try {
            return new CaptionService(
                    runtime.bootstrapServers(),
                    "",
                    live,
                    new Embedded(runtime, models),
                    null,
                    SessionModels.AS_NAMED);
        } catch (IOException e) {
            runtime.close();
            throw CommandException.failure("the embedded runtime did not start: " + reason(e), e);
        } catch (InterruptedException | RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    /** Where the broker takes requests, for as long as this is open. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /**
     * Captions a file; returns when the record has all of it.
     *
     * @throws MediaUnreadableException if the file gives no audio at all
     * @throws CommandException if the service cannot go on
     */
    public SessionResult caption(Path file, SessionSettings settings, SessionListener listener)
            throws MediaUnreadableException, CommandException, InterruptedException {
        String id = SessionIds.forFile(file, runId + sessions.incrementAndGet());
        Session session = new Session(listener);
        record.follow(id, session::recorded);
        if (live != null) {
            live.follow(id, session::seen);
        }
        try {
            IngestResult result =
                    ingest.ingest(
                            file,
                            FileIngestOptions.builder(id, settings.start())
                                    .channelMode(settings.channels())
                                    .realtime(settings.realtime())
                                    .listener(listener)
                                    .cancelled(() -> broken.isDone() || session.ended.isDone())
                                    .build());
            CompletableFuture.anyOf(session.ended, broken).get();
            return new SessionResult(result, session.captions, session.fault());
        } catch (MediaUnreadableException e) {
            throw e;
        } catch (IOException e) {
            throw broken.isDone() ? whyBroken() : CommandException.failure(reason(e), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandException known) {
                throw known;
            }
            if (e.getCause() instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            throw CommandException.failure(reason(e), e);
        } finally {
            record.forget(id);
            if (live != null) {
                live.forget(id);
            }
        }
    }

    private CommandException whyBroken() throws InterruptedException {
        try {
            broken.get();
            throw new IllegalStateException("broken never completes normally");
        } catch (ExecutionException e) {
            return e.getCause() instanceof CommandException known
                    ? known
                    : CommandException.failure(reason(e), e);
        }
    }

    private OutputFollower follow(String topic) {
        OutputFollower follower =
                new OutputFollower(
                        topic,
                        () ->
                                SessionOutputs.connect(
                                        bootstrapServers,
                                        topic,
                                        StartPosition.EARLIEST,
                                        session -> runId.isEmpty() || session.contains(":" + runId),
                                        Map.of()));
        watch("the topic " + topic + " could not be read", follower.broken());
        return follower;
    }

    private void watch(String what, CompletableFuture<?> part) {
        // Its own outcome says nothing more.
        CompletableFuture<?> unused =
                part.whenComplete(
                        (nothing, error) -> {
                            if (error != null) {
                                breakDown(what, error);
                            }
                        });
    }

    private void breakDown(String what, Throwable cause) {
        if (broken.completeExceptionally(
                CommandException.failure(what + ": " + reason(cause), cause))) {
            LOG.error("{}", what, cause);
        }
    }

    /** Submits the job and watches it until it ends. */
    private void submit(Embedded host) {
        try {
            EmbeddedJob submitted =
                    host.runtime.submit(
                            environment -> {
                                Configuration options = new Configuration();
                                options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, bootstrapServers);
                                options.set(CaptionsJobOptions.BUNDLES, host.models.folders());
                                // Nobody rolls anything out on a job that lives as long as a
                                // command.
                                options.set(CaptionsJobOptions.ROLLOUTS, false);
                                CaptionsJob.define(environment, options);
                            });
            job.complete(submitted);
            submitted.ended().get().ifPresent(why -> breakDown("the captions job failed", why));
        } catch (InterruptedException e) {
            job.completeExceptionally(e);
        } catch (Exception | LinkageError e) {
            job.completeExceptionally(e);
            breakDown("the captions job did not start", e);
        }
    }

    /** What is at the bottom of a failure, in one line. */
    static String reason(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String message = root.getMessage();
        if (message == null || message.isBlank()) {
            return root.getClass().getSimpleName();
        }
        return message.lines().findFirst().orElse(message);
    }

    /** Ends the job and the runtime, and deletes their data. */
    @Override
    public void close() {
        publisher.close();
        if (directory != null) {
            directory.close();
        }
        if (embedded != null) {
            endJob(embedded);
        }
        record.close();
        if (live != null) {
            live.close();
        }
        if (embedded != null) {
            embedded.runtime.close();
        }
    }

    private void endJob(Embedded host) {
        try {
            if (job.isDone() && !job.isCompletedExceptionally()) {
                job.join().cancel();
            }
            if (host.submitter != null) {
                host.submitter.interrupt();
                host.submitter.join();
            }
        } catch (InterruptedException e) {
            // The cluster ends the job when it closes.
            Thread.currentThread().interrupt();
        }
    }

    /** Broker and cluster in this process, and what the job on it needs. */
    private static final class Embedded {
        private final EmbeddedRuntime runtime;
        private final SpeechModels models;
        private @Nullable Thread submitter;

        Embedded(EmbeddedRuntime runtime, SpeechModels models) {
            this.runtime = runtime;
            this.models = models;
        }
    }

    /** One file under way. */
    private static final class Session {
        private final SessionListener listener;
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final List<Fault> faults = new ArrayList<>();

        /** Written by the thread that reads the record, read once {@link #ended} is complete. */
        private long captions;

        private long next;

        Session(SessionListener listener) {
            this.listener = listener;
        }

        Optional<Fault> fault() {
            return faults.stream().findFirst();
        }

        /** Takes an output from the record. */
        void recorded(OutputEvent event) {
            if (ended.isDone()) {
                return;
            }
            try {
                take(event);
            } catch (RuntimeException e) {
                ended.completeExceptionally(e);
            }
        }

        private void take(OutputEvent event) {
            if (event.getPayload() instanceof StreamEnd end) {
                if (end.getCount() != next) {
                    throw new IllegalStateException(
                            "the record of the session should hold "
                                    + end.getCount()
                                    + " outputs, but "
                                    + next
                                    + " came");
                }
                ended.complete(null);
                return;
            }
            if (event.getSequence() != next) {
                throw new IllegalStateException(
                        "the record of the session should go on with output "
                                + next
                                + ", but "
                                + event.getSequence()
                                + " came");
            }
            next++;
            if (event.getPayload() instanceof Fault fault) {
                faults.add(fault);
            } else if (event.getPayload() instanceof Caption) {
                captions++;
                listener.caption(event);
            }
        }

        /** Takes an output from the live topic. */
        void seen(OutputEvent event) {
            if (ended.isDone()) {
                return;
            }
            try {
                listener.live(event);
            } catch (RuntimeException e) {
                ended.completeExceptionally(e);
            }
        }
    }
}
