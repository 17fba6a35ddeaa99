package dev.omniflow.app.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster, spoken to through its REST interface. Jobs are sent without jars: their classes
 * lie in the cluster's own class path.
 *
 * <p>Thread-safe.
 */
public final class ClusterClient implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Configuration settings;
    private final URI address;
    private final RestClusterClient<StandaloneClusterId> client;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build();

    private ClusterClient(
            Configuration settings, RestClusterClient<StandaloneClusterId> client, URI address) {
        this.settings = settings;
        this.client = client;
        this.address = address;
    }

    /**
     * Connects to the cluster that {@code rest.address} and {@code rest.port} name; nothing is sent
     * yet.
     *
     * @param settings of the cluster; those of jobs are taken from them too
     */
    public static ClusterClient connect(Configuration settings) throws IOException {
        Configuration own = new Configuration(settings);
        // Whoever waits decides how long: a request is not repeated behind the caller's back.
        own.set(RestOptions.RETRY_MAX_ATTEMPTS, 3);
        own.set(RestOptions.RETRY_DELAY, Duration.ofMillis(300));
        URI address =
                URI.create(
                        "http://" + own.get(RestOptions.ADDRESS) + ":" + own.get(RestOptions.PORT));
        try {
            return new ClusterClient(
                    settings,
                    new RestClusterClient<>(own, StandaloneClusterId.getInstance()),
                    address);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("no client can be made for the Flink cluster at " + address, e);
        }
    }

    /** Where the REST interface is. */
    public URI address() {
        return address;
    }

    /**
     * Submits a job; returns once the cluster has taken it.
     *
     * @param name of the job
     * @param definition adds sources, operators and sinks to the environment
     * @param savepoint what to begin with; empty to begin anew
     */
    public ClusterJob submit(
            String name,
            Consumer<StreamExecutionEnvironment> definition,
            int parallelism,
            Optional<String> savepoint)
            throws IOException, InterruptedException {
        Configuration job = new Configuration(settings);
        job.set(PipelineOptions.NAME, name);
        job.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        StreamExecutionEnvironment environment = new StreamExecutionEnvironment(job);
        definition.accept(environment);
        JobGraph graph = environment.getStreamGraph().getJobGraph();
        savepoint.ifPresent(
                path ->
                        graph.setSavepointRestoreSettings(
                                SavepointRestoreSettings.forPath(path, false)));
        JobID id = answer("take the job " + name, client.submitJob(graph));
        return new ClusterJob(this, name, definition, parallelism, id);
    }

    /** Whether a job of that name runs, or is about to. */
    public boolean runs(String name) throws IOException, InterruptedException {
        for (JsonNode job : get("/jobs/overview").path("jobs")) {
            if (job.path("name").asText().equals(name)
                    && !JobStatus.valueOf(job.path("state").asText()).isGloballyTerminalState()) {
                return true;
            }
        }
        return false;
    }

    /** TaskManagers that the JobManager knows and believes alive. */
    public int taskManagers() throws IOException, InterruptedException {
        return get("/overview").path("taskmanagers").asInt();
    }

    RestClusterClient<StandaloneClusterId> flink() {
        return client;
    }

    /** What the REST interface answers. */
    JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address.resolve(path)).timeout(ANSWER_LIMIT).build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(
                    "the Flink cluster answered "
                            + request.uri()
                            + " with status "
                            + response.statusCode()
                            + ": "
                            + response.body());
        }
        return JSON.readTree(response.body());
    }

    /** Waits for an answer of the cluster. */
    <T> T answer(String what, CompletableFuture<T> future)
            throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IOException(
                    "the Flink cluster at " + address + " did not " + what + ": " + rootMessage(e),
                    e.getCause());
        }
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }

    /** Disconnects; the cluster and its jobs go on. */
    @Override
    public void close() {
        client.close();
    }
}
