package dev.omniflow.ingest;

import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import dev.omniflow.schemas.routing.ModelRouting;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which model bundles new sessions take: reads the log of rollouts to its end, then follows
 * it on a thread of its own.
 *
 * <p>A rollout holds here a moment after it was accepted, for each gateway at its own time; a
 * session's start says which one it took. While the broker is away the last that is known holds.
 *
 * <p>Thread-safe. Owns its consumer.
 */
public final class ModelDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelDirectory.class);
    private static final TopicPartition LOG_OF_ROLLOUTS = new TopicPartition(Topics.MODELS, 0);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    /** How long to wait for the broker to answer when the log is first read. */
    public static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private final Supplier<Consumer<byte[], byte[]>> connector;
    private final String where;
    private final Thread follower;
    private final CompletableFuture<Void> known = new CompletableFuture<>();
    private volatile ModelRouting routing = ModelRouting.EMPTY;
    private volatile boolean closed;

    /**
     * Begins to read, and returns at once.
     *
     * @param connector makes a consumer; owned
     * @param where names the broker in messages
     */
    ModelDirectory(Supplier<Consumer<byte[], byte[]>> connector, String where) {
        this.connector = connector;
        this.where = where;
        this.follower = new Thread(this::follow, "omniflow-models");
        follower.setDaemon(true);
        follower.start();
    }

    /**
     * Connects to a cluster; returns once all rollouts so far are known.
     *
     * @param bootstrapServers as {@code host:port,…}
     * @param overrides further settings of the consumer, for example for security; they win
     * @throws ModelsUnavailableException if the topic cannot be read
     */
    public static ModelDirectory connect(String bootstrapServers, Map<String, ?> overrides)
            throws ModelsUnavailableException, InterruptedException {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER_TIMEOUT.toMillis());
        config.putAll(overrides);
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        ModelDirectory directory =
                new ModelDirectory(
                        () ->
                                new KafkaConsumer<>(
                                        config,
                                        new ByteArrayDeserializer(),
                                        new ByteArrayDeserializer()),
                        bootstrapServers);
        try {
            directory.awaitKnown(ANSWER_TIMEOUT.multipliedBy(2));
            return directory;
        } catch (ModelsUnavailableException | InterruptedException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** Waits until all rollouts that were there at the start are known. */
    void awaitKnown(Duration limit) throws ModelsUnavailableException, InterruptedException {
        try {
            known.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unavailable(e.getCause());
        } catch (TimeoutException e) {
            throw unavailable(e);
        }
    }

    private ModelsUnavailableException unavailable(@Nullable Throwable cause) {
        if (cause instanceof ModelsUnavailableException known) {
            return known;
        }
        String why = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
        return new ModelsUnavailableException(
                "cannot read topic "
                        + Topics.MODELS
                        + " at "
                        + where
                        + why.lines().findFirst().orElse("")
                        + "; is the broker up?",
                cause);
    }

    /**
     * The bundle that a new session takes, as {@code name@version}; empty if nothing was decided
     * for it.
     */
    public Optional<String> resolve(String role, String tenant, String session) {
        return routing.resolve(role, tenant, session);
    }

    /** All that is known now. */
    public ModelRouting routing() {
        return routing;
    }

    /**
     * Chooses the models of sessions for these roles as rollouts say.
     *
     * @param defaults roles that every session has, with the bundle of sessions for which nothing
     *     was decided
     */
    public SessionModels withDefaults(Map<String, String> defaults) {
        Map<String, String> otherwise = Map.copyOf(defaults);
        return (named, tenant, session) -> {
            Map<String, String> models = new HashMap<>();
            // One fold for all roles of a session.
            ModelRouting now = routing;
            otherwise.forEach(
                    (role, bundle) ->
                            models.put(role, now.resolve(role, tenant, session).orElse(bundle)));
            models.putAll(named);
            return models;
        };
    }

    private void follow() {
        while (!closed) {
            try (Consumer<byte[], byte[]> consumer = connector.get()) {
                read(consumer);
            } catch (ModelsUnavailableException e) {
                failed(e);
            } catch (KafkaException e) {
                failed(e);
            } catch (RuntimeException | Error e) {
                // Whoever waits for the first reading must hear of it.
                known.completeExceptionally(e);
                throw e;
            }
        }
    }

    private void failed(Exception failure) {
        if (closed) {
            return;
        }
        if (known.completeExceptionally(failure)) {
            // Nobody uses what never was read.
            closed = true;
            return;
        }
        LOG.warn("cannot follow {} at {}; trying again", Topics.MODELS, where, failure);
        try {
            Thread.sleep(RETRY_AFTER.toMillis());
        } catch (InterruptedException e) {
            closed = true;
            Thread.currentThread().interrupt();
        }
    }

    private void read(Consumer<byte[], byte[]> consumer) throws ModelsUnavailableException {
        if (consumer.partitionsFor(Topics.MODELS).isEmpty()) {
            throw new ModelsUnavailableException(
                    "there is no topic "
                            + Topics.MODELS
                            + " at "
                            + where
                            + ": make the topics first",
                    null);
        }
        List<TopicPartition> one = List.of(LOG_OF_ROLLOUTS);
        consumer.assign(one);
        consumer.seekToBeginning(one);
        long end = consumer.endOffsets(one).getOrDefault(LOG_OF_ROLLOUTS, 0L);
        ModelRouting folded = ModelRouting.EMPTY;
        while (!closed) {
            if (consumer.position(LOG_OF_ROLLOUTS) >= end) {
                // Before, it would be what held some time ago.
                routing = folded;
                known.complete(null);
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                folded = after(folded, record);
            }
        }
    }

    private static ModelRouting after(ModelRouting before, ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.value() == null) {
                throw new UnreadableEventException("expected a ModelEvent, but it has no value");
            }
            return before.after(EventCodec.MODEL.decode(record.value()));
        } catch (UnreadableEventException e) {
            LOG.warn("record {} of {} has no effect", record.offset(), Topics.MODELS, e);
            return before;
        }
    }

    /** Stops following; what is known stays. */
    @Override
    public void close() {
        closed = true;
        try {
            follower.join(POLL.multipliedBy(4).toMillis());
        } catch (InterruptedException e) {
            // It ends by itself after its next poll.
            Thread.currentThread().interrupt();
        }
    }
}
