package dev.omniflow.app.runtime;

import dev.omniflow.schemas.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes the topics that the jobs read and write. */
public final class KafkaTopics {
    private static final Duration LEADER_LIMIT = Duration.ofSeconds(30);
    private static final Duration LEADER_PAUSE = Duration.ofMillis(100);

    private KafkaTopics() {}

    /** The topics of the captions job, for so many parallel tasks. */
    public static Map<String, Integer> ofCaptions(int parallelism) {
        return Map.of(
                Topics.MEDIA, Math.max(2, parallelism),
                Topics.LIVE, 2,
                Topics.CAPTIONS, 2,
                Topics.USAGE, 2,
                Topics.DEAD_LETTER, 1,
                Topics.MODELS, 1);
    }

    /**
     * Makes topics of one replica each; returns once every partition can be written to. A topic
     * that is there already stays as it is.
     *
     * <p>The broker tells clients of a topic a moment before its partitions take records. A
     * producer that is quicker has its first batch refused and the second one taken: a new producer
     * may begin with any number, so even an idempotent one would put the begin of a session after
     * what follows.
     */
    public static void create(String bootstrapServers, Map<String, Integer> partitionsByTopic)
            throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            List<NewTopic> topics = new ArrayList<>();
            partitionsByTopic.forEach(
                    (topic, count) ->
                            topics.add(
                                    new NewTopic(topic, count, (short) 1)
                                            .configs(topicConfig(topic))));
            CreateTopicsResult made = admin.createTopics(topics);
            Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
            for (String topic : partitionsByTopic.keySet()) {
                int count = partitions(admin, made, topic);
                for (int partition = 0; partition < count; partition++) {
                    partitions.put(new TopicPartition(topic, partition), OffsetSpec.latest());
                }
            }
            awaitLeaders(admin, partitions);
        } catch (ExecutionException e) {
            throw new IOException(
                    "the broker at "
                            + bootstrapServers
                            + " did not make the topics "
                            + partitionsByTopic.keySet(),
                    e);
        }
    }

    /** Offsets are answered by leaders alone, and a broker may not know of a new topic yet. */
    private static void awaitLeaders(Admin admin, Map<TopicPartition, OffsetSpec> partitions)
            throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + LEADER_LIMIT.toNanos();
        while (true) {
            try {
                admin.listOffsets(partitions).all().get();
                return;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            Thread.sleep(LEADER_PAUSE.toMillis());
        }
    }

    private static int partitions(Admin admin, CreateTopicsResult made, String topic)
            throws ExecutionException, InterruptedException {
        try {
            return made.numPartitions(topic).get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
            return admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .size();
        }
    }

    private static Map<String, String> topicConfig(String topic) {
        return switch (topic) {
            case Topics.DEAD_LETTER ->
                    Map.of("max.message.bytes", Integer.toString(Topics.MAX_DEAD_LETTER_BYTES));
            // Whoever routes sessions reads it from its first record on.
            case Topics.MODELS -> Map.of("retention.ms", "-1", "retention.bytes", "-1");
            default -> Map.of();
        };
    }
}
