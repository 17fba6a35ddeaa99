package dev.omniflow.app.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real broker and the real cluster, with a job that only carries records over. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class EmbeddedRuntimeIT {
    @TempDir private Path folder;

    @Test
    void carriesRecordsExactlyOnceAndLeavesNothingBehind() throws Exception {
        try (EmbeddedRuntime runtime = EmbeddedRuntime.start(options())) {
            String servers = runtime.bootstrapServers();
            EmbeddedJob job = runtime.submit(environment -> carry(environment, servers));
            try (KafkaProducer<String, String> producer =
                    new KafkaProducer<>(
                            Map.of("bootstrap.servers", servers),
                            new StringSerializer(),
                            new StringSerializer())) {
                for (int number = 0; number < 100; number++) {
                    producer.send(new ProducerRecord<>("in", Integer.toString(number))).get();
                }
            }
            assertThat(read(servers, 100)).hasSize(100).doesNotHaveDuplicates();
            assertThat(job.ended()).isNotDone();
            job.cancel();
            assertThat(job.ended().get()).isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void tellsWhyAJobFailed() throws Exception {
        try (EmbeddedRuntime runtime = EmbeddedRuntime.start(options())) {
            EmbeddedJob job =
                    runtime.submit(
                            environment ->
                                    environment
                                            .fromSequence(0, Long.MAX_VALUE)
                                            .map(EmbeddedRuntimeIT::refuse)
                                            .print());
            Optional<Throwable> failure = job.ended().get();
            assertThat(failure).isPresent();
            assertThat(failure.get()).hasRootCauseMessage("7 is refused");
        }
    }

    private static Long refuse(Long number) {
        if (number == 7) {
            throw new IllegalStateException("7 is refused");
        }
        return number;
    }

    private EmbeddedRuntimeOptions options() {
        return new EmbeddedRuntimeOptions(
                folder, 2, Map.of("in", 2, "out", 1), Duration.ofMillis(200));
    }

    private static void carry(StreamExecutionEnvironment environment, String servers) {
        environment
                .fromSource(
                        KafkaSource.<String>builder()
                                .setBootstrapServers(servers)
                                .setTopics("in")
                                .setStartingOffsets(OffsetsInitializer.earliest())
                                .setValueOnlyDeserializer(new SimpleStringSchema())
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "in")
                .sinkTo(
                        KafkaSink.<String>builder()
                                .setBootstrapServers(servers)
                                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                                .setTransactionalIdPrefix("carry")
                                .setRecordSerializer(
                                        KafkaRecordSerializationSchema.<String>builder()
                                                .setTopic("out")
                                                .setValueSerializationSchema(
                                                        new SimpleStringSchema())
                                                .build())
                                .build());
    }

    private static List<String> read(String servers, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", servers,
                                "group.id", "test",
                                "auto.offset.reset", "earliest",
                                "isolation.level", "read_committed"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.subscribe(List.of("out"));
            while (values.size() < count) {
                for (ConsumerRecord<String, String> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
            }
        }
        return values;
    }
}
