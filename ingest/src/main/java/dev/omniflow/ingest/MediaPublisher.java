package dev.omniflow.ingest;

import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes media events to {@link Topics#MEDIA}, keyed by session id.
 *
 * <p>The producer is idempotent and waits for all replicas: a retry neither repeats nor reorders.
 * What is in flight is bounded; a session that outruns the broker blocks. Thread-safe: many
 * sessions share one publisher, each through a {@link SessionPublisher} of its own.
 */
public final class MediaPublisher implements AutoCloseable {
    /** Most memory that unsent events take. */
    public static final int BUFFER_BYTES = 32 << 20;

    /** How long a session may block on a full buffer or an absent broker before it fails. */
    public static final Duration MAX_BLOCK = Duration.ofSeconds(60);

    private final Producer<byte[], byte[]> producer;
    private final InstantSource clock;
    private final SessionModels models;

    /**
     * Takes ownership of the producer.
     *
     * @param producer must be idempotent
     * @param clock stamps the time of ingest
     */
    public MediaPublisher(Producer<byte[], byte[]> producer, InstantSource clock) {
        this(producer, clock, SessionModels.AS_NAMED);
    }

    /**
     * Takes ownership of the producer.
     *
     * @param producer must be idempotent
     * @param clock stamps the time of ingest
     * @param models chooses the models that a session's start does not name
     */
    public MediaPublisher(
            Producer<byte[], byte[]> producer, InstantSource clock, SessionModels models) {
        this.producer = producer;
        this.clock = clock;
        this.models = models;
    }

    /**
     * Connects to a cluster.
     *
     * @param bootstrapServers as {@code host:port,…}
     * @param overrides further settings of the producer, for example for security; they win
     */
    public static MediaPublisher connect(String bootstrapServers, Map<String, ?> overrides) {
        return connect(bootstrapServers, overrides, SessionModels.AS_NAMED);
    }

    /**
     * Connects to a cluster.
     *
     * @param bootstrapServers as {@code host:port,…}
     * @param overrides further settings of the producer, for example for security; they win
     * @param models chooses the models that a session's start does not name
     */
    public static MediaPublisher connect(
            String bootstrapServers, Map<String, ?> overrides, SessionModels models) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        config.put(ProducerConfig.LINGER_MS_CONFIG, 2);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, (long) BUFFER_BYTES);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK.toMillis());
        config.putAll(overrides);
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return new MediaPublisher(
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()),
                Clock.systemUTC(),
                models);
    }

    /**
     * Begins the log of a new session.
     *
     * @param session its id, see {@link SessionIds}
     * @param tenant whose quota and usage it is
     */
    public SessionPublisher open(String session, String tenant) {
        return open(session, tenant, 0, 0);
    }

    /**
     * Begins or goes on with the log of a session.
     *
     * @param session its id, see {@link SessionIds}
     * @param tenant whose quota and usage it is
     * @param epoch fences whoever published the session before with a lower one
     * @param nextSequence number of the next event
     */
    public SessionPublisher open(String session, String tenant, int epoch, long nextSequence) {
        return new SessionPublisher(this, SessionIds.check(session), tenant, epoch, nextSequence);
    }

    Future<RecordMetadata> send(MediaEvent event, Callback callback) {
        return producer.send(
                new ProducerRecord<>(
                        Topics.MEDIA,
                        event.getSession().getBytes(StandardCharsets.UTF_8),
                        EventCodec.MEDIA.encode(event)),
                callback);
    }

    SessionModels models() {
        return models;
    }

    long ingestTimeUs() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    /** Sends what is left and disconnects. */
    @Override
    public void close() {
        producer.close();
    }
}
