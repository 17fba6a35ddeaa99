package dev.omniflow.app.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job on a cluster of processes.
 *
 * <p>Thread-safe. Of no use once its {@link ClusterClient} is closed.
 */
public final class ClusterJob {
    private static final Duration POLL = Duration.ofMillis(50);

    private final ClusterClient client;
    private final String name;
    private final Consumer<StreamExecutionEnvironment> definition;
    private final int parallelism;
    private final JobID id;

    ClusterJob(
            ClusterClient client,
            String name,
            Consumer<StreamExecutionEnvironment> definition,
            int parallelism,
            JobID id) {
        this.client = client;
        this.name = name;
        this.definition = definition;
        this.parallelism = parallelism;
        this.id = id;
    }

    /** Its id, as the REST interface takes it. */
    public String id() {
        return id.toString();
    }

    /** Its parallelism. */
    public int parallelism() {
        return parallelism;
    }

    /** Where the job is in its life. */
    public JobStatus status() throws IOException, InterruptedException {
        return client.answer("tell the state of job " + id, client.flink().getJobStatus(id));
    }

    /**
     * Waits until every task runs. Right after a kill the JobManager may not know of it yet: then
     * this returns at once, and {@link #restarts} tells more.
     *
     * @throws IOException if the job has ended
     */
    public void waitUntilRunning(Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!allTasksRun()) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "the job "
                                + name
                                + " does not run after "
                                + limit.toSeconds()
                                + " s: "
                                + client.get("/jobs/" + id).path("vertices"));
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    private boolean allTasksRun() throws IOException, InterruptedException {
        JsonNode job = client.get("/jobs/" + id);
        JobStatus status = JobStatus.valueOf(job.path("state").asText());
        if (status.isGloballyTerminalState()) {
            throw new IOException("the job " + name + " is " + status + ": " + failure());
        }
        for (JsonNode vertex : job.path("vertices")) {
            int running = vertex.path("tasks").path("RUNNING").asInt();
            if (running != vertex.path("parallelism").asInt()) {
                return false;
            }
        }
        return status == JobStatus.RUNNING;
    }

    /** What made it fail last, with its causes; empty if nothing did. */
    public Optional<String> failure() throws IOException, InterruptedException {
        JsonNode entries =
                client.get("/jobs/" + id + "/exceptions").path("exceptionHistory").path("entries");
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(entries.get(0).path("stacktrace").asText());
    }

    /** How often its tasks were restarted since it was submitted. */
    public long restarts() throws IOException, InterruptedException {
        long most = 0;
        for (JsonNode vertex : client.get("/jobs/" + id).path("vertices")) {
            String path = "/jobs/" + id + "/vertices/" + vertex.path("id").asText();
            for (JsonNode subtask : client.get(path).path("subtasks")) {
                most = Math.max(most, subtask.path("attempt").asLong());
            }
        }
        return most;
    }

    /** Numbers of the TaskManagers that run tasks of it, or did last. */
    public Set<Integer> workers() throws IOException, InterruptedException {
        Set<Integer> numbers = new TreeSet<>();
        for (JsonNode vertex : client.get("/jobs/" + id).path("vertices")) {
            String path = "/jobs/" + id + "/vertices/" + vertex.path("id").asText();
            for (JsonNode subtask : client.get(path).path("subtasks")) {
                ProcessCluster.taskManagerNumber(subtask.path("taskmanager-id").asText())
                        .ifPresent(numbers::add);
            }
        }
        return numbers;
    }

    /** When it last came into a state, by the JobManager's clock; empty if it never did. */
    public Optional<Instant> since(JobStatus state) throws IOException, InterruptedException {
        long time = client.get("/jobs/" + id).path("timestamps").path(state.name()).asLong();
        return time == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(time));
    }

    /** Its checkpoints. */
    public CheckpointStatistics checkpoints() throws IOException, InterruptedException {
        return CheckpointStatistics.of(client.get("/jobs/" + id + "/checkpoints"));
    }

    /** Bytes and times of each task's last checkpoint and more, as the REST interface tells it. */
    public JsonNode checkpointDetails() throws IOException, InterruptedException {
        return client.get("/jobs/" + id + "/checkpoints");
    }

    /**
     * The metrics of a task whose names end in {@code suffix}, summed over its subtasks.
     *
     * @param vertex what the name of the task contains
     */
    public double metric(String vertex, String suffix) throws IOException, InterruptedException {
        double sum = 0;
        for (JsonNode task : client.get("/jobs/" + id).path("vertices")) {
            if (!task.path("name").asText().contains(vertex)) {
                continue;
            }
            String path = "/jobs/" + id + "/vertices/" + task.path("id").asText() + "/metrics";
            StringBuilder wanted = new StringBuilder();
            for (JsonNode metric : client.get(path)) {
                String metricName = metric.path("id").asText();
                if (metricName.endsWith(suffix)) {
                    wanted.append(wanted.isEmpty() ? "" : ",").append(metricName);
                }
            }
            if (wanted.isEmpty()) {
                continue;
            }
            for (JsonNode metric : client.get(path + "?get=" + encoded(wanted.toString()))) {
                sum += metric.path("value").asDouble();
            }
        }
        return sum;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Writes a savepoint while the job goes on; returns where it lies. */
    public String savepoint() throws IOException, InterruptedException {
        return client.answer(
                "write a savepoint of job " + id,
                client.flink().triggerSavepoint(id, null, SavepointFormatType.CANONICAL));
    }

    /**
     * Stops the job with a savepoint; returns where that lies. Everything that the job wrote until
     * then is committed.
     */
    public String stopWithSavepoint() throws IOException, InterruptedException {
        return client.answer(
                "stop job " + id + " with a savepoint",
                client.flink().stopWithSavepoint(id, false, null, SavepointFormatType.CANONICAL));
    }

    /** Stops the job with a savepoint, and goes on from there with another parallelism. */
    public ClusterJob rescale(int newParallelism) throws IOException, InterruptedException {
        return resume(stopWithSavepoint(), newParallelism);
    }

    /** The same job, begun from a savepoint. */
    public ClusterJob resume(String savepoint, int newParallelism)
            throws IOException, InterruptedException {
        return client.submit(name, definition, newParallelism, Optional.of(savepoint));
    }

    /** Ends the job, and waits until it has ended; the transactions under way are lost. */
    public void cancel() throws IOException, InterruptedException {
        client.answer("cancel job " + id, client.flink().cancel(id));
        while (!status().isGloballyTerminalState()) {
            Thread.sleep(POLL.toMillis());
        }
    }
}
