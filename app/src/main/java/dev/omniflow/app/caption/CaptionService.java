package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.runtime.EmbeddedJob;
import dev.omniflow.app.runtime.EmbeddedRuntime;
import dev.omniflow.app.runtime.EmbeddedRuntimeOptions;
import dev.omniflow.ingest.FileIngest;
import dev.omniflow.ingest.FileIngestOptions;
import dev.omniflow.ingest.IngestResult;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.ingest.MediaUnreadableException;
import dev.omniflow.ingest.SessionIds;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captions files as sessions: each goes as events through the embedded broker and the captions job,
 * and comes back from the record. Any number of sessions run at a time; a caller brings the thread
 * of each.
 *
 * <p>Thread-safe. Owns the embedded runtime.
 */
public final class CaptionService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CaptionService.class);
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(500);

    private final EmbeddedRuntime runtime;
    private final String bootstrapServers;
    private final MediaPublisher publisher;
    private final FileIngest ingest;
    private final OutputFollower record;
    private final @Nullable OutputFollower live;
    private final Thread submitter;
    private final AtomicInteger sessions = new AtomicInteger();

    /** The job, once it was submitted. */
    private final CompletableFuture<EmbeddedJob> job = new CompletableFuture<>();

    /** Completes exceptionally, with a reason for people, once no session can go on. */
    private final CompletableFuture<Void> broken = new CompletableFuture<>();

    private CaptionService(
            EmbeddedRuntime runtime, String bootstrapServers, SpeechModels models, boolean live) {
        this.runtime = runtime;
        this.bootstrapServers = bootstrapServers;
        this.publisher = MediaPublisher.connect(bootstrapServers, Map.of());
        this.ingest = new FileIngest(publisher);
        this.record = follow(Topics.CAPTIONS);
        this.live = live ? follow(Topics.LIVE) : null;
        watch("the embedded Kafka broker stopped", runtime.brokerStopped());
        this.submitter = new Thread(() -> submit(models), "omniflow-submit");
        submitter.setDaemon(true);
        submitter.start();
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
                                    topics(parallelism),
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
            return new CaptionService(runtime, runtime.bootstrapServers(), models, live);
        } catch (IOException e) {
            runtime.close();
            throw CommandException.failure("the embedded runtime did not start: " + reason(e), e);
        } catch (InterruptedException | RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    private static Map<String, Integer> topics(int parallelism) {
        return Map.of(
                Topics.MEDIA, Math.max(2, parallelism),
                Topics.LIVE, 2,
                Topics.CAPTIONS, 2,
                Topics.USAGE, 2,
                Topics.DEAD_LETTER, 1);
    }

    /** Where the embedded broker takes requests, for as long as this is open. */
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
        String id = SessionIds.forFile(file, Integer.toString(sessions.incrementAndGet()));
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
                                        session -> true,
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
    private void submit(SpeechModels models) {
        try {
            EmbeddedJob submitted =
                    runtime.submit(
                            environment -> {
                                Configuration options = new Configuration();
                                options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, bootstrapServers);
                                options.set(CaptionsJobOptions.BUNDLES, models.folders());
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
        endJob();
        record.close();
        if (live != null) {
            live.close();
        }
        runtime.close();
    }

    private void endJob() {
        try {
            if (job.isDone() && !job.isCompletedExceptionally()) {
                job.join().cancel();
            }
            submitter.interrupt();
            submitter.join();
        } catch (InterruptedException e) {
            // The cluster ends the job when it closes.
            Thread.currentThread().interrupt();
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
