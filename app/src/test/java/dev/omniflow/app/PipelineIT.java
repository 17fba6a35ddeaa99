package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.caption.CaptionService;
import dev.omniflow.app.caption.SessionListener;
import dev.omniflow.app.caption.SessionResult;
import dev.omniflow.app.caption.SessionSettings;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.ingest.ChannelMode;
import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionEnd;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real recording goes through broker, cluster and models; what lies in each topic is looked at.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PipelineIT {
    private static final byte[] NO_EVENT = "no event".getBytes(StandardCharsets.UTF_8);

    @TempDir private Path folder;

    @BeforeAll
    static void configureLibraries() {
        OmniflowHome home = RealThings.home();
        Main.configureLibraries(home, home.logs().resolve("pipeline-it.log"));
    }

    @Test
    void eachTopicHoldsWhatItPromises() throws Exception {
        SpeechModels models = SpeechModels.find(RealThings.home(), "whisper-tiny.en");
        SessionSettings settings =
                new SessionSettings(
                        models, Optional.of("en"), "", List.of(), ChannelMode.AUTO, false);
        try (CaptionService service =
                CaptionService.start(new OmniflowHome(folder), models, 2, true)) {
            Topic topic = new Topic(service.bootstrapServers());
            RecordMetadata damaged = topic.produce(Topics.MEDIA, NO_EVENT);

            List<OutputEvent> told = new ArrayList<>();
            SessionResult result =
                    service.caption(
                            RealThings.speech(),
                            settings,
                            new SessionListener() {
                                @Override
                                public void caption(OutputEvent event) {
                                    told.add(event);
                                }
                            });
            String session = result.ingest().session();
            assertThat(result.fault()).isEmpty();

            assertMedia(topic, session, result.ingest().duration());
            List<OutputEvent> record = topic.outputs(Topics.CAPTIONS, session, "read_committed");
            assertRecord(record, result.captions());
            assertThat(told).isEqualTo(record.subList(0, record.size() - 1));
            assertLive(topic.outputs(Topics.LIVE, session, "read_uncommitted"), record);
            assertDeadLetter(topic, damaged);
        }
    }

    private static void assertMedia(Topic topic, String session, Duration duration)
            throws Exception {
        List<MediaEvent> events = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : topic.read(Topics.MEDIA, "read_uncommitted")) {
            if (!Arrays.equals(record.value(), NO_EVENT)) {
                assertThat(record.key()).isEqualTo(session.getBytes(StandardCharsets.UTF_8));
                events.add(EventCodec.MEDIA.decode(record.value()));
            }
        }
        long samples = 0;
        long mediaTime = 0;
        for (int index = 0; index < events.size(); index++) {
            MediaEvent event = events.get(index);
            assertThat(event.getSequence()).isEqualTo(index);
            assertThat(event.getMediaTimeUs()).isGreaterThanOrEqualTo(mediaTime);
            mediaTime = event.getMediaTimeUs();
            if (event.getPayload() instanceof AudioFrame frame) {
                assertThat(event.getMediaTimeUs()).isEqualTo(samples * 125 / 2);
                samples += frame.getData().remaining() / Short.BYTES;
            }
        }
        assertThat(Duration.ofNanos(samples * 62_500)).isEqualTo(duration);
        assertThat(events.get(0).getPayload()).isInstanceOf(SessionStart.class);
        Object last = events.get(events.size() - 1).getPayload();
        assertThat(last).isInstanceOf(SessionEnd.class);
        assertThat(((SessionEnd) last).getReason()).isEqualTo(EndReason.COMPLETED);
    }

    private static void assertRecord(List<OutputEvent> record, long captions) {
        assertThat(record).hasSizeGreaterThan(1);
        for (int index = 0; index < record.size(); index++) {
            assertThat(record.get(index).getSequence()).isEqualTo(index);
            assertThat(record.get(index).getStream()).isEqualTo(Stream.CAPTIONS);
        }
        List<OutputEvent> finals = record.subList(0, record.size() - 1);
        assertThat(finals).hasSize((int) captions);
        assertThat(finals)
                .allSatisfy(
                        event -> {
                            assertThat(event.getPayload()).isInstanceOf(Caption.class);
                            Caption caption = (Caption) event.getPayload();
                            assertThat(caption.getFinality()).isEqualTo(Finality.FINAL);
                            assertThat(caption.getText()).isNotBlank();
                            assertThat(caption.getWords()).isNotEmpty();
                            assertThat(event.getModel()).contains("whisper-tiny.en@");
                        });
        Object last = record.get(record.size() - 1).getPayload();
        assertThat(last).isInstanceOf(StreamEnd.class);
        assertThat(((StreamEnd) last).getCount()).isEqualTo(captions);
        assertThat(text(finals)).containsIgnoringCase(RealThings.EXPECTED_WORDS);
    }

    private static void assertLive(List<OutputEvent> live, List<OutputEvent> record) {
        Map<Long, OutputEvent> finals =
                live.stream()
                        .filter(event -> event.getStream() == Stream.CAPTIONS)
                        .collect(
                                Collectors.toMap(
                                        OutputEvent::getSequence,
                                        event -> event,
                                        (one, again) -> one));
        assertThat(finals).hasSize(record.size());
        assertThat(record)
                .allSatisfy(event -> assertThat(finals.get(event.getSequence())).isEqualTo(event));
    }

    private static void assertDeadLetter(Topic topic, RecordMetadata damaged) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> records =
                topic.read(Topics.DEAD_LETTER, "read_uncommitted");
        assertThat(records).hasSize(1);
        DeadLetter letter = EventCodec.DEAD_LETTER.decode(records.get(0).value());
        assertThat(letter.getTopic()).isEqualTo(Topics.MEDIA);
        assertThat(letter.getPartition()).isEqualTo(damaged.partition());
        assertThat(letter.getOffset()).isEqualTo(damaged.offset());
        byte[] value = new byte[letter.getValue().remaining()];
        letter.getValue().duplicate().get(value);
        assertThat(value).isEqualTo(NO_EVENT);
        assertThat(letter.getReason()).contains("expected a MediaEvent");
    }

    private static String text(List<OutputEvent> captions) {
        return captions.stream()
                .map(event -> ((Caption) event.getPayload()).getText())
                .collect(Collectors.joining(" "));
    }

    /** Reads and writes topics of a broker, plainly. */
    private record Topic(String bootstrapServers) {
        RecordMetadata produce(String topic, byte[] value) throws Exception {
            Properties config = new Properties();
            config.put("bootstrap.servers", bootstrapServers);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(
                            config, new ByteArraySerializer(), new ByteArraySerializer())) {
                return producer.send(new ProducerRecord<>(topic, value)).get();
            }
        }

        List<OutputEvent> outputs(String topic, String session, String isolation) throws Exception {
            List<OutputEvent> outputs = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : read(topic, isolation)) {
                OutputEvent event = EventCodec.OUTPUT.decode(record.value());
                assertThat(event.getSession()).isEqualTo(session);
                outputs.add(event);
            }
            return outputs;
        }

        /** All that lies in a topic now. */
        List<ConsumerRecord<byte[], byte[]>> read(String topic, String isolation) {
            return TopicRecords.read(bootstrapServers, topic, isolation);
        }
    }
}
