package dev.omniflow.app.rollout;

import dev.omniflow.app.CommandException;
import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.RolloutAccepted;
import dev.omniflow.schemas.RolloutRefused;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import dev.omniflow.schemas.routing.RolloutRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes requests into the log of rollouts and waits for what becomes of them. Thread-safe.
 *
 * @param bootstrapServers Kafka brokers, as {@code host:port,…}
 */
public record RolloutLog(String bootstrapServers) {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutLog.class);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(200);

    /**
     * Writes a request, and waits for its decision.
     *
     * @param timeout how long to wait
     * @return empty if there is no decision yet; it may still come
     */
    public Optional<RolloutDecision> request(RolloutRequest request, Duration timeout)
            throws CommandException, InterruptedException {
        try {
            return awaitDecision(request, write(request) + 1, timeout);
        } catch (InterruptException e) {
            // Kafka's client sets the flag again; an InterruptedException stands for it.
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
        } catch (KafkaException e) {
            throw unavailable(e);
        }
    }

    /** Returns the offset at which it lies. */
    private long write(RolloutRequest request) throws CommandException, InterruptedException {
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "acks",
                        "all",
                        "max.block.ms",
                        ANSWER_TIMEOUT.toMillis());
        byte[] event =
                EventCodec.MODEL.encode(
                        request.event(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            return producer.send(
                            new ProducerRecord<>(
                                    Topics.MODELS,
                                    request.role().getBytes(StandardCharsets.UTF_8),
                                    event))
                    .get()
                    .offset();
        } catch (ExecutionException e) {
            throw unavailable(e.getCause() == null ? e : e.getCause());
        }
    }

    private CommandException unavailable(Throwable cause) {
        return CommandException.failure(
                "the topic "
                        + Topics.MODELS
                        + " at "
                        + bootstrapServers
                        + " does not answer ("
                        + String.valueOf(cause.getMessage()).lines().findFirst().orElse("")
                        + "): is the broker up, and are its topics made?",
                cause);
    }

    private Optional<RolloutDecision> awaitDecision(
            RolloutRequest request, long from, Duration timeout) {
        TopicPartition log = new TopicPartition(Topics.MODELS, 0);
        long deadline = System.nanoTime() + timeout.toNanos();
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "enable.auto.commit",
                        false,
                        "default.api.timeout.ms",
                        (int) ANSWER_TIMEOUT.toMillis());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(log));
            consumer.seek(log, from);
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Optional<RolloutDecision> decision = decision(request, record);
                    if (decision.isPresent()) {
                        return decision;
                    }
                }
            }
            return Optional.empty();
        }
    }

    private static Optional<RolloutDecision> decision(
            RolloutRequest request, ConsumerRecord<byte[], byte[]> record) {
        ModelEvent event;
        try {
            event = EventCodec.MODEL.decode(record.value());
        } catch (UnreadableEventException e) {
            LOG.warn("record {} of {} is passed over", record.offset(), record.topic(), e);
            return Optional.empty();
        }
        if (!event.getRollout().equals(request.rollout())
                || !event.getRole().equals(request.role())) {
            return Optional.empty();
        }
        if (event.getPayload() instanceof RolloutAccepted) {
            return Optional.of(new RolloutDecision.Accepted());
        }
        return event.getPayload() instanceof RolloutRefused refused
                ? Optional.of(new RolloutDecision.Refused(refused.getReason()))
                : Optional.empty();
    }
}
