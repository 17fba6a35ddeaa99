package dev.omniflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.RolloutAccepted;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.routing.RolloutRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class ModelDirectoryTest {
    private static final TopicPartition LOG = new TopicPartition(Topics.MODELS, 0);
    private static final String ROLE = "speech-recognition";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private long offset;

    private static RolloutRequest standard(String rollout, String bundle) {
        return new RolloutRequest(ROLE, rollout, bundle, RolloutRequest.ALL, List.of());
    }

    private static ModelEvent accepted(String rollout) {
        return new ModelEvent(ROLE, rollout, 0L, new RolloutAccepted());
    }

    private void add(byte[] value) {
        consumer.addRecord(
                new ConsumerRecord<>(
                        Topics.MODELS, 0, offset++, ROLE.getBytes(StandardCharsets.UTF_8), value));
    }

    private void add(ModelEvent event) {
        add(EventCodec.MODEL.encode(event));
    }

    /** A directory over a log that holds this at first. */
    private ModelDirectory directory(ModelEvent... log) {
        consumer.updatePartitions(
                Topics.MODELS, List.of(new PartitionInfo(Topics.MODELS, 0, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(LOG, 0L));
        consumer.updateEndOffsets(Map.of(LOG, (long) log.length));
        consumer.schedulePollTask(() -> List.of(log).forEach(this::add));
        return new ModelDirectory(() -> consumer, "localhost:1");
    }

    private static Optional<String> resolve(ModelDirectory directory) {
        return directory.resolve(ROLE, "acme", "s");
    }

    private static void await(ModelDirectory directory, String bundle) throws Exception {
        for (int i = 0; i < 6000 && !resolve(directory).equals(Optional.of(bundle)); i++) {
            Thread.sleep(10);
        }
        assertThat(resolve(directory)).contains(bundle);
    }

    @Test
    void knowsAllOfTheLogBeforeItAnswersAndFollowsIt() throws Exception {
        try (ModelDirectory directory =
                directory(
                        standard("a", "m@1").event(1),
                        accepted("a"),
                        standard("b", "m@2").event(2),
                        accepted("b"))) {
            directory.awaitKnown(LIMIT);
            assertThat(resolve(directory)).contains("m@2");

            consumer.schedulePollTask(
                    () -> {
                        add("no event".getBytes(StandardCharsets.UTF_8));
                        add(standard("c", "m@3").event(3));
                        add(accepted("c"));
                    });
            await(directory, "m@3");
            assertThat(directory.resolve("moderation", "acme", "s")).isEmpty();
        }
    }

    @Test
    void goesOnAfterTheBrokerWasAway() throws Exception {
        MockConsumer<byte[], byte[]> second = new MockConsumer<>("earliest");
        second.updatePartitions(
                Topics.MODELS, List.of(new PartitionInfo(Topics.MODELS, 0, null, null, null)));
        second.updateBeginningOffsets(Map.of(LOG, 0L));
        second.updateEndOffsets(Map.of(LOG, 2L));
        second.schedulePollTask(
                () -> {
                    byte[] key = ROLE.getBytes(StandardCharsets.UTF_8);
                    second.addRecord(
                            new ConsumerRecord<>(
                                    Topics.MODELS,
                                    0,
                                    0,
                                    key,
                                    EventCodec.MODEL.encode(standard("a", "m@2").event(1))));
                    second.addRecord(
                            new ConsumerRecord<>(
                                    Topics.MODELS,
                                    0,
                                    1,
                                    key,
                                    EventCodec.MODEL.encode(accepted("a"))));
                });
        consumer.updatePartitions(
                Topics.MODELS, List.of(new PartitionInfo(Topics.MODELS, 0, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(LOG, 0L));
        consumer.updateEndOffsets(Map.of(LOG, 0L));
        consumer.schedulePollTask(() -> consumer.setPollException(new KafkaException("away")));
        try (ModelDirectory directory =
                new ModelDirectory(() -> consumer.closed() ? second : consumer, "localhost:1")) {
            directory.awaitKnown(LIMIT);
            await(directory, "m@2");
        }
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(
                        () ->
                                ModelDirectory.connect(
                                        "localhost:1",
                                        Map.of(
                                                "default.api.timeout.ms",
                                                200,
                                                "request.timeout.ms",
                                                100)))
                .isInstanceOf(ModelsUnavailableException.class)
                .hasMessageStartingWith("cannot read topic omni.models at localhost:1")
                .hasMessageEndingWith("is the broker up?");
        consumer.updatePartitions(Topics.MODELS, List.of());
        try (ModelDirectory directory = new ModelDirectory(() -> consumer, "localhost:1")) {
            assertThatThrownBy(() -> directory.awaitKnown(LIMIT))
                    .isInstanceOf(ModelsUnavailableException.class)
                    .hasMessage(
                            "there is no topic omni.models at localhost:1: make the topics first");
        }
    }

    @Test
    void aSessionsStartSaysWhatItTook() throws Exception {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(
                        true, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (ModelDirectory directory = directory(standard("a", "m@2").event(1), accepted("a"))) {
            directory.awaitKnown(LIMIT);
            MediaPublisher publisher =
                    new MediaPublisher(
                            producer,
                            () -> Published.NOW,
                            directory.withDefaults(Map.of(ROLE, "m@1", "voice-activity", "v@1")));

            publisher.open("s", "acme").start(start(Map.of()));
            publisher.open("t", "acme").start(start(Map.of(ROLE, "own@7")));
        }

        assertThat(models(producer, 0)).isEqualTo(Map.of(ROLE, "m@2", "voice-activity", "v@1"));
        assertThat(models(producer, 1)).isEqualTo(Map.of(ROLE, "own@7", "voice-activity", "v@1"));
    }

    private static SessionStart start(Map<String, String> models) {
        return SessionStart.newBuilder().setProgram("captions").setModels(models).build();
    }

    private static Map<String, String> models(MockProducer<byte[], byte[]> producer, int index)
            throws Exception {
        return ((SessionStart)
                        EventCodec.MEDIA.decode(producer.history().get(index).value()).getPayload())
                .getModels();
    }
}
