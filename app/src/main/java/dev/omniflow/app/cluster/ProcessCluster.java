package dev.omniflow.app.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.omniflow.app.runtime.AtExit;
import dev.omniflow.app.runtime.KafkaTopics;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka, a JobManager and TaskManagers as processes of this machine, on loopback and on ports that
 * were free. Checkpoints and topics lie in the cluster's folder and survive every process, but not
 * the JobManager's end: a job is forgotten with it.
 *
 * <p>A TaskManager can be killed like a machine that loses its power. The job goes on from its last
 * checkpoint as soon as there are slots for it: at once where there are spare ones, else when a new
 * TaskManager is up, which takes a few seconds.
 *
 * <p>No process outlives this one, however it ends. Several clusters may run at a time.
 * Thread-safe.
 */
public final class ProcessCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessCluster.class);

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration END_LIMIT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(50);

    private final Path folder;
    private final ProcessClusterOptions options;
    private final ClassPath classPath;
    private final Configuration settings;
    private final String brokers;
    private final ClusterProcess broker;
    private final ClusterProcess jobManager;
    private final ClusterClient client;
    private final Runnable atExit = this::killAll;
    private final CompletableFuture<Void> broken = new CompletableFuture<>();

    /** TaskManagers that were started and have not ended, by number. */
    private final SortedMap<Integer, ClusterProcess> taskManagers = new TreeMap<>();

    private int lastTaskManager;
    private boolean closing;

    private ProcessCluster(Path folder, ProcessClusterOptions options) throws IOException {
        this.folder = folder;
        this.options = options;
        Files.createDirectories(logs());
        Files.createDirectories(configuration());
        // Flink expects its folder for temporary files to be there.
        Files.createDirectories(folder.resolve("tmp"));
        this.classPath = ClassPath.ofThisProcess(folder);
        List<Integer> ports = FreePorts.find(4);
        this.brokers = FreePorts.HOST + ":" + ports.get(0);
        this.settings = ClusterSettings.onLoopback(folder, ports.get(2), ports.get(3), options);
        Files.write(
                configuration().resolve(GlobalConfiguration.FLINK_CONF_FILENAME),
                ConfigurationUtils.convertConfigToWritableLines(settings, true));
        this.client = ClusterClient.connect(settings);
        AtExit.add(atExit);
        this.broker =
                ClusterProcess.start(
                        "kafka",
                        classPath,
                        logs(),
                        List.of("-Xms64m", "-Xmx384m"),
                        List.of(
                                "broker",
                                folder.resolve("kafka").toString(),
                                Integer.toString(ports.get(0)),
                                Integer.toString(ports.get(1))));
        this.jobManager =
                ClusterProcess.start(
                        "job-manager",
                        classPath,
                        logs(),
                        List.of("-Xms64m", "-Xmx384m"),
                        List.of("job-manager", configuration().toString()));
        watch(broker);
        watch(jobManager);
    }

    /**
     * Starts a cluster; returns once the topics are there and every TaskManager has offered its
     * slots.
     *
     * @param folder for all that it keeps: topics, checkpoints, savepoints, logs; made if absent,
     *     and never deleted
     * @throws IOException if a process ended or did not come up; says the end of its log
     */
    public static ProcessCluster start(Path folder, ProcessClusterOptions options)
            throws IOException, InterruptedException {
        ProcessCluster cluster = new ProcessCluster(folder.toAbsolutePath(), options);
        try {
            for (int i = 0; i < options.taskManagers(); i++) {
                cluster.startTaskManager();
            }
            if (!options.partitionsByTopic().isEmpty()) {
                KafkaTopics.create(cluster.brokers, options.partitionsByTopic());
            }
            cluster.awaitTaskManagers(options.taskManagers(), START_LIMIT);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        } catch (TimeoutException e) {
            cluster.close();
            throw new IOException(
                    "the cluster did not start; its logs are in " + cluster.logs(), e);
        }
    }

    /** Where Kafka takes requests, as host:port. */
    public String brokers() {
        return brokers;
    }

    /** Where Flink's REST interface is. */
    public URI rest() {
        return client.address();
    }

    /**
     * Logs of all processes: {@code kafka.log}, {@code job-manager.log}, {@code
     * task-manager-1.log}…
     */
    public Path logs() {
        return folder.resolve("logs");
    }

    /** Flink's settings, as the processes have them. */
    public Configuration settings() {
        return new Configuration(settings);
    }

    /** Completes exceptionally once Kafka or the JobManager has ended: nothing goes on then. */
    public CompletableFuture<Void> broken() {
        return broken;
    }

    /**
     * Numbers of the TaskManagers whose processes live, in the order in which they were started.
     */
    public synchronized List<Integer> taskManagers() {
        return taskManagers.entrySet().stream()
                .filter(entry -> entry.getValue().isAlive())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Process ids of everything that lives. */
    public synchronized List<Long> processes() {
        List<Long> ids = new ArrayList<>();
        for (ClusterProcess process : all()) {
            if (process.isAlive()) {
                ids.add(process.pid());
            }
        }
        return ids;
    }

    /** Numbers of those TaskManagers that have given a slot to a job. */
    public List<Integer> taskManagersAtWork() throws IOException, InterruptedException {
        List<Integer> busy = new ArrayList<>();
        List<Integer> alive = taskManagers();
        for (JsonNode manager : client.get("/taskmanagers").path("taskmanagers")) {
            int number = number(manager.path("id").asText());
            if (manager.path("freeSlots").asInt() < manager.path("slotsNumber").asInt()
                    && alive.contains(number)) {
                busy.add(number);
            }
        }
        return busy;
    }

    /** Starts one more TaskManager; returns its number at once, before it has offered its slots. */
    public synchronized int startTaskManager() throws IOException {
        if (closing) {
            throw new IllegalStateException("the cluster is closed");
        }
        int number = ++lastTaskManager;
        Path temporary =
                Files.createDirectories(folder.resolve("tmp").resolve(taskManagerName(number)));
        ClusterProcess process =
                ClusterProcess.start(
                        taskManagerName(number),
                        classPath,
                        logs(),
                        List.of(
                                "-Xms64m",
                                "-Xmx" + options.taskManagerHeapMb() + "m",
                                "-XX:MaxDirectMemorySize=1536m"),
                        List.of(
                                "task-manager",
                                configuration().toString(),
                                TaskManagerOptions.TASK_MANAGER_RESOURCE_ID.key()
                                        + "="
                                        + taskManagerName(number),
                                CoreOptions.TMP_DIRS.key() + "=" + temporary));
        taskManagers.put(number, process);
        CompletableFuture<?> unused =
                process.ended().thenAccept(code -> taskManagerEnded(number, code));
        return number;
    }

    /**
     * Kills a TaskManager with SIGKILL; returns when its process has ended.
     *
     * @param number one of {@link #taskManagers}
     */
    public void killTaskManager(int number) throws InterruptedException {
        ClusterProcess process;
        synchronized (this) {
            process = taskManagers.get(number);
            if (process == null) {
                throw new IllegalArgumentException(
                        "no TaskManager " + number + " lives, but " + taskManagers.keySet());
            }
        }
        process.kill();
        process.awaitEnd(END_LIMIT);
    }

    private void taskManagerEnded(int number, int code) {
        synchronized (this) {
            taskManagers.remove(number);
            if (closing || !options.respawn()) {
                return;
            }
        }
        LOG.info("TaskManager {} ended with exit code {}; starting another", number, code);
        try {
            startTaskManager();
        } catch (IllegalStateException e) {
            LOG.debug("closed meanwhile", e);
        } catch (IOException e) {
            LOG.error("no TaskManager can be started in the place of {}", number, e);
        }
    }

    /** Waits until the JobManager knows at least so many TaskManagers. */
    public void awaitTaskManagers(int count, Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + limit.toNanos();
        int known = 0;
        while (System.nanoTime() < deadline) {
            if (!jobManager.isAlive()) {
                throw jobManager.failure();
            }
            if (!broker.isAlive()) {
                throw broker.failure();
            }
            try {
                known = client.taskManagers();
                if (known >= count) {
                    return;
                }
            } catch (ConnectException | HttpTimeoutException e) {
                LOG.debug("the JobManager does not answer yet", e);
            } catch (IOException e) {
                // Its port is open before it answers properly.
                LOG.debug("the JobManager is not ready yet", e);
            }
            Thread.sleep(POLL.toMillis());
        }
        throw new TimeoutException(
                "expected "
                        + count
                        + " TaskManagers within "
                        + limit.toSeconds()
                        + " s, but the JobManager knows "
                        + known);
    }

    /** Submits a job, with nothing to begin from. */
    public ClusterJob submit(
            String name, Consumer<StreamExecutionEnvironment> definition, int parallelism)
            throws IOException, InterruptedException {
        return client.submit(name, definition, parallelism, Optional.empty());
    }

    /** Submits a job that begins from a savepoint. */
    public ClusterJob submit(
            String name,
            Consumer<StreamExecutionEnvironment> definition,
            int parallelism,
            String savepoint)
            throws IOException, InterruptedException {
        return client.submit(name, definition, parallelism, Optional.of(savepoint));
    }

    /** Ends every process, TaskManagers first, so that no task sees its broker go. */
    @Override
    public void close() {
        List<ClusterProcess> flink;
        synchronized (this) {
            closing = true;
            flink = new ArrayList<>(taskManagers.values());
        }
        client.close();
        flink.add(jobManager);
        end(flink);
        end(List.of(broker));
        AtExit.remove(atExit);
    }

    private static void end(List<ClusterProcess> processes) {
        processes.forEach(ClusterProcess::terminate);
        try {
            long deadline = System.nanoTime() + END_LIMIT.toNanos();
            for (ClusterProcess process : processes) {
                process.awaitEnd(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            // Whoever interrupts does not want to wait.
            processes.forEach(ClusterProcess::kill);
            Thread.currentThread().interrupt();
        }
    }

    /** Kills every process at once. */
    public void killAll() {
        List<ClusterProcess> processes;
        synchronized (this) {
            closing = true;
            processes = all();
        }
        processes.forEach(ClusterProcess::kill);
        for (ClusterProcess process : processes) {
            CompletableFuture<?> unused =
                    process.ended()
                            .completeOnTimeout(0, END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            unused.join();
        }
    }

    private List<ClusterProcess> all() {
        List<ClusterProcess> processes = new ArrayList<>(taskManagers.values());
        // Null if the constructor failed between the two.
        Optional.ofNullable(jobManager).ifPresent(processes::add);
        Optional.ofNullable(broker).ifPresent(processes::add);
        return processes;
    }

    private void watch(ClusterProcess process) {
        CompletableFuture<?> unused =
                process.ended()
                        .thenAccept(
                                code -> {
                                    synchronized (this) {
                                        if (closing) {
                                            return;
                                        }
                                    }
                                    IOException failure = process.failure();
                                    LOG.error("the cluster is broken", failure);
                                    broken.completeExceptionally(failure);
                                });
    }

    private Path configuration() {
        return folder.resolve("conf");
    }

    private static String taskManagerName(int number) {
        return "task-manager-" + number;
    }

    /** The number that a TaskManager's resource id holds; empty for one that is not ours. */
    static Optional<Integer> taskManagerNumber(String resourceId) {
        String prefix = taskManagerName(0).replace("0", "");
        return resourceId.matches(prefix + "\\d{1,9}")
                ? Optional.of(number(resourceId))
                : Optional.empty();
    }

    private static int number(String name) {
        return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
    }
}
