package dev.omniflow.app.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker in this process: KRaft, controller and broker in one, one node, loopback only.
 * What it holds lies in a folder that the caller hands in and deletes.
 *
 * <p>Safe for use by several threads; {@link #close} once.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final String HOST = "127.0.0.1";
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    /** Between looking for a free port and binding it, another process may take it. */
    private static final int START_ATTEMPTS = 3;

    /**
     * Brokers of this process that run. Kafka ends the process when it cannot go on, for example
     * when its disk is full; here its owners hear of it instead.
     */
    private static final Set<EmbeddedBroker> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Exit.setExitProcedure(EmbeddedBroker::stoppedItself);
        Exit.setHaltProcedure(EmbeddedBroker::stoppedItself);
    }

    private final KafkaRaftServer server;
    private final String bootstrapServers;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private EmbeddedBroker(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker; returns once it takes requests.
     *
     * @param folder for its data; made if absent
     */
    static EmbeddedBroker start(Path folder) throws IOException {
        IOException failure = new IOException("the Kafka broker did not start");
        for (int attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
            try {
                return open(folder.resolve("attempt-" + attempt), freePort(), freePort());
            } catch (IOException | RuntimeException e) {
                LOG.warn("attempt {} to start the broker failed", attempt, e);
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    /**
     * Starts a broker on given ports; returns once it takes requests.
     *
     * @param folder for its data; made if absent, and gone on with if a broker left it
     */
    public static EmbeddedBroker open(Path folder, int brokerPort, int controllerPort)
            throws IOException {
        Files.createDirectories(folder);
        format(folder);
        String bootstrapServers = HOST + ":" + brokerPort;
        KafkaRaftServer server =
                new KafkaRaftServer(
                        new KafkaConfig(settings(folder, brokerPort, controllerPort), false),
                        Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
        LOG.info("broker takes requests at {}", bootstrapServers);
        EmbeddedBroker broker = new EmbeddedBroker(server, bootstrapServers);
        RUNNING.add(broker);
        return broker;
    }

    private static void stoppedItself(int status, @Nullable String message) {
        LOG.error("Kafka asked to end the process with status {}: {}", status, message);
        for (EmbeddedBroker broker : RUNNING) {
            broker.stopped.completeExceptionally(
                    new IOException(
                            "it could not go on"
                                    + (message == null ? "" : " (" + message + ")")
                                    + "; is its disk full?"));
        }
    }

    /** Completes exceptionally if the broker stops by itself. */
    public CompletableFuture<Void> stopped() {
        return stopped;
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Makes topics of one replica each; returns once every partition can be written to. */
    void createTopics(Map<String, Integer> partitionsByTopic)
            throws IOException, InterruptedException {
        KafkaTopics.create(bootstrapServers, partitionsByTopic);
    }

    @Override
    public void close() {
        RUNNING.remove(this);
        server.shutdown();
        server.awaitShutdown();
    }

    private static void format(Path folder) throws IOException {
        Formatter formatter =
                new Formatter()
                        .setPrintStream(
                                new PrintStream(
                                        OutputStream.nullOutputStream(),
                                        false,
                                        StandardCharsets.UTF_8))
                        .setClusterId(Uuid.randomUuid().toString())
                        .setNodeId(1)
                        .setIgnoreFormatted(true)
                        .setReleaseVersion(MetadataVersion.latestProduction())
                        .setControllerListenerName("CONTROLLER")
                        .setMetadataLogDirectory(folder.toString())
                        .setDirectories(List.of(folder.toString()));
        try {
            formatter.run();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot format " + folder + " for the broker", e);
        }
    }

    private static Map<String, String> settings(Path folder, int brokerPort, int controllerPort) {
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put(
                "listeners",
                "PLAINTEXT://"
                        + HOST
                        + ":"
                        + brokerPort
                        + ",CONTROLLER://"
                        + HOST
                        + ":"
                        + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://" + HOST + ":" + brokerPort);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("controller.quorum.voters", "1@" + HOST + ":" + controllerPort);
        settings.put("log.dirs", folder.toString());
        settings.put("auto.create.topics.enable", "false");

        // One node: everything has one replica, and internal topics one partition.
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");

        // Nobody else will join: waiting for more voters, members or replicas only costs time.
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("controller.quorum.election.timeout.ms", "100");
        settings.put("controller.quorum.election.backoff.max.ms", "100");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("controlled.shutdown.enable", "false");

        // Small: the default buffers and threads are those of a machine of its own.
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        settings.put("num.recovery.threads.per.data.dir", "1");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
        settings.put("log.cleaner.io.buffer.size", Integer.toString(64 << 10));
        settings.put("log.segment.bytes", Integer.toString(32 << 20));
        settings.put("log.index.size.max.bytes", Integer.toString(256 << 10));
        settings.put("offsets.topic.segment.bytes", Integer.toString(4 << 20));
        settings.put("transaction.state.log.segment.bytes", Integer.toString(4 << 20));
        settings.put("log.retention.hours", "24");
        settings.put("log.retention.check.interval.ms", "60000");

        // The record path's transactions may stay open as long as a checkpoint is allowed to take.
        settings.put("transaction.max.timeout.ms", "3600000");
        return settings;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK))) {
            return socket.getLocalPort();
        }
    }
}
