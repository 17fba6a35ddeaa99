package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.runtime.EmbeddedJob;
import dev.omniflow.app.runtime.EmbeddedRuntime;
import dev.omniflow.app.runtime.EmbeddedRuntimeOptions;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.ingest.FileIngest;
import dev.omniflow.ingest.FileIngestOptions;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A recorded topic is played to jobs that differ in all that must not matter: parallelism, lanes,
 * limits of batches, delays, seats, and how soon sessions leave memory.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ReplayIT {
    private static final int PARTITIONS = 4;
    private static final int SESSIONS = 3;

    @TempDir private Path folder;

    @BeforeAll
    static void configureLibraries() {
        OmniflowHome home = RealThings.home();
        Main.configureLibraries(home, home.logs().resolve("replay-it.log"));
    }

    /** How a job runs. */
    private record Manner(int parallelism, Map<String, String> options) {}

    @Test
    void aReplayGivesTheSameBytes() throws Exception {
        Manner alone =
                new Manner(
                        1,
                        Map.of(
                                CaptionsJobOptions.LANES.key(), "1",
                                CaptionsJobOptions.MAX_BATCH_SIZE.key(), "1",
                                CaptionsJobOptions.SEATS.key(), "1"));
        Manner together =
                new Manner(
                        4,
                        Map.of(
                                CaptionsJobOptions.LANES.key(), "2",
                                CaptionsJobOptions.MAX_QUEUE_DELAY.key(), "5 ms"));
        Manner crowded =
                new Manner(
                        2,
                        Map.of(
                                CaptionsJobOptions.LANES.key(), "3",
                                CaptionsJobOptions.MAX_BATCH_SIZE.key(), "3",
                                CaptionsJobOptions.SEATS.key(), "2",
                                CaptionsJobOptions.MAX_PENDING_INPUTS.key(), "5",
                                CaptionsJobOptions.UNLOAD_AFTER.key(), "20 ms"));

        List<ConsumerRecord<byte[], byte[]>> log = record();
        Map<String, String> first = play(alone, log);

        assertThat(first).hasSizeGreaterThan(SESSIONS * 3);
        assertThat(play(together, log)).isEqualTo(first);
        assertThat(play(crowded, log)).isEqualTo(first);
    }

    /** The media topic of a few sessions. */
    private List<ConsumerRecord<byte[], byte[]>> record() throws Exception {
        SpeechModels models = SpeechModels.find(RealThings.home(), "whisper-tiny.en");
        try (EmbeddedRuntime runtime = runtime(1);
                MediaPublisher publisher =
                        MediaPublisher.connect(runtime.bootstrapServers(), Map.of())) {
            FileIngest ingest = new FileIngest(publisher);
            for (int session = 0; session < SESSIONS; session++) {
                SessionStart start =
                        SessionStart.newBuilder()
                                .setProgram("captions")
                                .setModels(models.byRole())
                                .setEndOfUtteranceMs(session * 200)
                                .build();
                ingest.ingest(
                        RealThings.speech(),
                        FileIngestOptions.builder("replay-" + session, start)
                                .frameDuration(Duration.ofMillis(40L + 130L * session))
                                .build());
            }
            return TopicRecords.read(runtime.bootstrapServers(), Topics.MEDIA, "read_committed");
        }
    }

    private EmbeddedRuntime runtime(int parallelism) throws Exception {
        return EmbeddedRuntime.start(
                new EmbeddedRuntimeOptions(
                        folder,
                        parallelism,
                        KafkaTopics.ofCaptions(PARTITIONS),
                        Duration.ofMillis(300)));
    }

    /** What the job puts on record, by id: all fields but the time of emission. */
    private Map<String, String> play(Manner manner, List<ConsumerRecord<byte[], byte[]>> log)
            throws Exception {
        SpeechModels models = SpeechModels.find(RealThings.home(), "whisper-tiny.en");
        try (EmbeddedRuntime runtime = runtime(manner.parallelism())) {
            String brokers = runtime.bootstrapServers();
            produce(brokers, log);
            Configuration options = Configuration.fromMap(manner.options());
            options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, brokers);
            options.set(CaptionsJobOptions.BUNDLES, models.folders());
            EmbeddedJob job = runtime.submit(env -> CaptionsJob.define(env, options));
            List<OutputEvent> captions = outputs(brokers, Topics.CAPTIONS);
            while (captions.stream().filter(e -> e.getPayload() instanceof StreamEnd).count()
                    < SESSIONS) {
                assertThat(job.ended()).isNotDone();
                Thread.sleep(200);
                captions = outputs(brokers, Topics.CAPTIONS);
            }
            Map<String, String> byId = new TreeMap<>();
            List<OutputEvent> all = new ArrayList<>(captions);
            all.addAll(outputs(brokers, Topics.LIVE));
            for (OutputEvent output : all) {
                output.setEmittedTimeUs(0);
                String id =
                        output.getSession() + " " + output.getStream() + " " + output.getSequence();
                String bytes = HexFormat.of().formatHex(EventCodec.OUTPUT.encode(output));
                String before = byId.put(id, bytes);
                assertThat(before == null || before.equals(bytes)).as(id).isTrue();
            }
            return byId;
        }
    }

    private static void produce(String brokers, List<ConsumerRecord<byte[], byte[]>> log) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", brokers, "acks", "all"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (ConsumerRecord<byte[], byte[]> record : log) {
                producer.send(new ProducerRecord<>(Topics.MEDIA, record.key(), record.value()))
                        .get();
            }
        } catch (Exception e) {
            throw new IllegalStateException("cannot play the log", e);
        }
    }

    private static List<OutputEvent> outputs(String brokers, String topic) throws Exception {
        List<OutputEvent> outputs = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TopicRecords.read(brokers, topic, "read_committed")) {
            OutputEvent event = EventCodec.OUTPUT.decode(record.value());
            assertThat(new String(record.key(), StandardCharsets.UTF_8))
                    .isEqualTo(event.getSession());
            outputs.add(event);
        }
        return outputs;
    }
}
