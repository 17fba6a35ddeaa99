package dev.omniflow.sinks.kafka;

import dev.omniflow.schemas.Fault;
import dev.omniflow.schemas.ModerationVerdict;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the outputs of chosen sessions from one topic, each once.
 *
 * <ul>
 *   <li>Reads all partitions from given offsets, outside any consumer group and read committed: of
 *       a transactional topic it sees what is committed, of another one everything.
 *   <li>An output whose (session, stream, number) came before is dropped. If its contents differ in
 *       anything but the time of emission, that is a divergence: counted, logged, and still
 *       dropped, for what was shown stays. Partials make no such promise; theirs are not counted.
 *   <li>Knows which streams have ended and which sessions have failed.
 *   <li>Memory: 4 KiB for each stream of each wanted session, until {@link #forget}.
 * </ul>
 *
 * <p>Not thread-safe: one thread owns it, as Kafka's consumer wants it.
 */
public final class SessionOutputs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionOutputs.class);

    /** How long the broker may take to answer, unless an override says otherwise. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private record StreamId(String session, Stream stream) {}

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Predicate<String> wanted;
    private final Map<StreamId, StreamProgress> progress = new HashMap<>();
    private final Map<StreamId, Long> ended = new HashMap<>();
    private final Map<String, Fault> faults = new HashMap<>();
    private long repeated;
    private long diverged;
    private long unreadable;

    /**
     * Takes ownership of the consumer.
     *
     * @param consumer without a group, and read committed
     * @param topic the topic that all start offsets are of
     * @param startOffsets where to begin, for each partition
     * @param wanted tells by id which sessions are wanted
     */
    public SessionOutputs(
            Consumer<byte[], byte[]> consumer,
            String topic,
            Map<TopicPartition, Long> startOffsets,
            Predicate<String> wanted) {
        this.consumer = consumer;
        this.topic = topic;
        this.wanted = wanted;
        consumer.assign(startOffsets.keySet());
        startOffsets.forEach(consumer::seek);
    }

    /**
     * Connects to a cluster. With {@link StartPosition#LATEST}, every output of a session that is
     * begun after this returns is seen.
     *
     * @param bootstrapServers as {@code host:port,…}
     * @param topic one of the topics that hold outputs
     * @param start where to begin
     * @param wanted tells by id which sessions are wanted
     * @param overrides further settings of the consumer, for example for security; they win
     * @throws OutputsUnavailableException if there is no such broker or topic
     */
    public static SessionOutputs connect(
            String bootstrapServers,
            String topic,
            StartPosition start,
            Predicate<String> wanted,
            Map<String, ?> overrides)
            throws OutputsUnavailableException {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) ANSWER_TIMEOUT.toMillis());
        config.putAll(overrides);
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            Map<TopicPartition, Long> offsets = offsets(consumer, topic, start);
            if (offsets.isEmpty()) {
                consumer.close();
                throw new OutputsUnavailableException(
                        "there is no topic "
                                + topic
                                + " at "
                                + bootstrapServers
                                + ": make the topics first",
                        null);
            }
            return new SessionOutputs(consumer, topic, offsets, wanted);
        } catch (KafkaException e) {
            consumer.close();
            throw new OutputsUnavailableException(
                    "cannot read topic "
                            + topic
                            + " at "
                            + bootstrapServers
                            + ": "
                            + e.getMessage()
                            + "; is the broker up?",
                    e);
        }
    }

    private static Map<TopicPartition, Long> offsets(
            Consumer<byte[], byte[]> consumer, String topic, StartPosition start) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (PartitionInfo info : consumer.partitionsFor(topic)) {
            partitions.add(new TopicPartition(topic, info.partition()));
        }
        return switch (start) {
            case EARLIEST -> consumer.beginningOffsets(partitions);
            case LATEST -> consumer.endOffsets(partitions);
        };
    }

    /**
     * The next outputs of the wanted sessions, those that end a stream and faults included; in
     * order within a session's stream.
     *
     * @param timeout how long to wait if there are none yet
     * @return maybe none
     * @throws OutputsUnavailableException if the topic cannot be read any further
     * @throws WakeupException after {@link #wakeup}
     * @throws InterruptException if the thread was interrupted, which it still is
     */
    public List<OutputEvent> poll(Duration timeout) throws OutputsUnavailableException {
        List<OutputEvent> outputs = new ArrayList<>();
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
                accept(record, outputs);
            }
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw new OutputsUnavailableException(
                    "cannot read topic " + topic + " any further: " + e.getMessage(), e);
        }
        return outputs;
    }

    private void accept(ConsumerRecord<byte[], byte[]> record, List<OutputEvent> outputs) {
        byte[] key = record.key();
        if (key != null && !wanted.test(new String(key, StandardCharsets.UTF_8))) {
            return;
        }
        OutputEvent event;
        try {
            byte[] value = record.value();
            if (value == null) {
                throw new UnreadableEventException("expected an OutputEvent, but it has no value");
            }
            event = EventCodec.OUTPUT.decode(value);
        } catch (UnreadableEventException e) {
            unreadable++;
            LOG.warn(
                    "skipped record {} of partition {} of {}: {}",
                    record.offset(),
                    record.partition(),
                    topic,
                    e.getMessage());
            return;
        }
        if (wanted.test(event.getSession()) && isNew(event)) {
            note(event);
            outputs.add(event);
        }
    }

    private boolean isNew(OutputEvent event) {
        StreamId id = new StreamId(event.getSession(), event.getStream());
        StreamProgress seen = progress.computeIfAbsent(id, unseen -> new StreamProgress());
        switch (seen.take(event.getSequence(), hash(event))) {
            case NEW -> {
                return true;
            }
            case REPEATED -> repeated++;
            case DIVERGED -> {
                repeated++;
                if (event.getStream() != Stream.PARTIALS) {
                    diverged++;
                    LOG.warn(
                            "output {} of stream {} of session {} came again with other contents",
                            event.getSequence(),
                            event.getStream(),
                            event.getSession());
                }
            }
        }
        return false;
    }

    private void note(OutputEvent event) {
        if (event.getPayload() instanceof StreamEnd end) {
            ended.put(new StreamId(event.getSession(), event.getStream()), end.getCount());
        } else if (event.getPayload() instanceof Fault fault) {
            faults.putIfAbsent(event.getSession(), fault);
        }
    }

    /** The first 8 bytes of the SHA-256 of all fields but the time of emission. */
    private static long hash(OutputEvent event) {
        OutputEvent.Builder copy = OutputEvent.newBuilder(event).setEmittedTimeUs(0);
        if (event.getPayload() instanceof ModerationVerdict verdict) {
            // Maps are written in the order they iterate in; only a sorted one always has the same.
            copy.setPayload(
                    ModerationVerdict.newBuilder(verdict)
                            .setScores(new TreeMap<>(verdict.getScores()))
                            .build());
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(EventCodec.OUTPUT.encode(copy.build()));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** How many outputs a stream had; empty while it has not ended. */
    public Optional<Long> ended(String session, Stream stream) {
        return Optional.ofNullable(ended.get(new StreamId(session, stream)));
    }

    /** Why a session could not go on; empty as long as it can. */
    public Optional<Fault> fault(String session) {
        return Optional.ofNullable(faults.get(session));
    }

    /** One more than the greatest number that came of a stream; 0 before the first. */
    public long next(String session, Stream stream) {
        StreamProgress seen = progress.get(new StreamId(session, stream));
        return seen == null ? 0 : seen.next();
    }

    /** Lets go of all that is known of a session that is not wanted any more. */
    public void forget(String session) {
        progress.keySet().removeIf(id -> id.session().equals(session));
        ended.keySet().removeIf(id -> id.session().equals(session));
        faults.remove(session);
    }

    /** Outputs that came again and were dropped. */
    public long repeated() {
        return repeated;
    }

    /** Of {@link #repeated}, those that came with other contents, without partials. */
    public long diverged() {
        return diverged;
    }

    /** Records that were no readable outputs; each was logged. */
    public long unreadable() {
        return unreadable;
    }

    /** Where to go on after all that was polled, for each partition. */
    public Map<TopicPartition, Long> positions() {
        Map<TopicPartition, Long> positions = new HashMap<>();
        Set<TopicPartition> assigned = consumer.assignment();
        for (TopicPartition partition : assigned) {
            positions.put(partition, consumer.position(partition));
        }
        return positions;
    }

    /** Ends a {@link #poll} under way with a WakeupException; the one thread-safe method. */
    public void wakeup() {
        consumer.wakeup();
    }

    /** Disconnects. */
    @Override
    public void close() {
        consumer.close();
    }
}
