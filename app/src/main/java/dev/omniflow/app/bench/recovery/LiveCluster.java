package dev.omniflow.app.bench.recovery;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.cluster.ClusterJob;
import dev.omniflow.app.cluster.ProcessCluster;
import dev.omniflow.app.cluster.ProcessClusterOptions;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;

/** A cluster of processes with the captions job, live sessions on it, and a reader of theirs. */
final class LiveCluster implements AutoCloseable {
    /** Most time for the job to run, or to run again. */
    static final Duration RUNNING_LIMIT = Duration.ofMinutes(3);

    private static final Duration END_LIMIT = Duration.ofMinutes(10);
    private static final Duration POLL = Duration.ofMillis(200);

    private final ProcessCluster cluster;
    private final MediaPublisher publisher;
    private final LiveWatch watch;
    private final LiveLoad load;
    private ClusterJob job;

    private LiveCluster(
            ProcessCluster cluster,
            ClusterJob job,
            MediaPublisher publisher,
            LiveWatch watch,
            LiveLoad load) {
        this.cluster = cluster;
        this.job = job;
        this.publisher = publisher;
        this.watch = watch;
        this.load = load;
    }

    /**
     * Starts all of it; returns when the job runs and all sessions are live.
     *
     * @param folder for all that the cluster keeps
     */
    static LiveCluster start(
            Path folder,
            SpeechModels models,
            LiveOptions options,
            List<short[]> sounds,
            Layout layout)
            throws IOException, InterruptedException, TimeoutException, CommandException {
        SessionStart start =
                SessionStart.newBuilder()
                        .setProgram("captions")
                        .setModels(models.byRole())
                        .setLanguage(models.language("auto").orElse(null))
                        .build();
        ProcessCluster cluster =
                ProcessCluster.start(
                        folder,
                        ProcessClusterOptions.defaults()
                                .withTaskManagers(layout.taskManagers(), layout.slots())
                                .withTopics(KafkaTopics.ofCaptions(layout.mostParallelism()))
                                // What the REST interface says of a job is that old, at most.
                                .withFlinkSetting("web.refresh-interval", "50"));
        MediaPublisher publisher = null;
        LiveWatch watch = null;
        try {
            Configuration jobOptions = new Configuration();
            jobOptions.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, cluster.brokers());
            jobOptions.set(CaptionsJobOptions.BUNDLES, models.folders());
            ClusterJob job =
                    cluster.submit(
                            "omniflow captions",
                            environment -> CaptionsJob.define(environment, jobOptions),
                            layout.parallelism());
            job.waitUntilRunning(RUNNING_LIMIT);
            publisher = MediaPublisher.connect(cluster.brokers(), Map.of());
            watch = LiveWatch.connect(cluster.brokers());
            LiveLoad load =
                    new LiveLoad(
                            publisher,
                            start,
                            sounds,
                            options.sessions(),
                            options.speed(),
                            options.seed());
            LiveCluster live = new LiveCluster(cluster, job, publisher, watch, load);
            load.awaitAllLive();
            watch.awaitEmitted(0, RUNNING_LIMIT);
            return live;
        } catch (IOException | InterruptedException | TimeoutException | RuntimeException e) {
            if (watch != null) {
                watch.close();
            }
            if (publisher != null) {
                publisher.close();
            }
            cluster.close();
            throw e;
        }
    }

    ProcessCluster cluster() {
        return cluster;
    }

    ClusterJob job() {
        return job;
    }

    LiveWatch watch() {
        return watch;
    }

    LiveLoad load() {
        return load;
    }

    /** From now on this is the job. */
    void goOnWith(ClusterJob next) {
        job = next;
    }

    /** Sessions that have begun and whose captions have not all come yet. */
    Set<String> liveSessions() {
        return watch.unfinished(load.opened());
    }

    /**
     * Ends the sessions, waits until all of them is on record, and stops the job in an orderly way,
     * so that nothing can come later. What is missing after long is left missing: the comparison
     * says so.
     */
    Outputs finish() throws IOException, InterruptedException {
        load.end();
        Set<String> sessions = load.opened();
        boolean complete = watch.awaitEnd(sessions, END_LIMIT);
        long deadline = System.nanoTime() + RUNNING_LIMIT.toNanos();
        while (complete && !onRecord(sessions) && System.nanoTime() < deadline) {
            Thread.sleep(POLL.toMillis());
        }
        job.stopWithSavepoint();
        List<OutputEvent> record =
                new ArrayList<>(TopicReader.outputs(cluster.brokers(), Topics.CAPTIONS));
        record.addAll(TopicReader.outputs(cluster.brokers(), Topics.USAGE));
        // The reader has all of it when it has as much as lies there.
        long inTopic = TopicReader.outputs(cluster.brokers(), Topics.LIVE).size();
        while (watch.seen().size() + watch.repeated() + watch.unreadable() < inTopic
                && System.nanoTime() < deadline) {
            Thread.sleep(POLL.toMillis());
        }
        return new Outputs(record, watch.seen().stream().map(Seen::output).toList());
    }

    private boolean onRecord(Set<String> sessions) throws IOException {
        Set<String> left = new HashSet<>(sessions);
        for (OutputEvent output : TopicReader.outputs(cluster.brokers(), Topics.CAPTIONS)) {
            if (output.getPayload() instanceof StreamEnd) {
                left.remove(output.getSession());
            }
        }
        return left.isEmpty();
    }

    @Override
    public void close() {
        load.close();
        watch.close();
        publisher.close();
        cluster.close();
    }
}
