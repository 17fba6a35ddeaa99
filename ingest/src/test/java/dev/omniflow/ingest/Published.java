package dev.omniflow.ingest;

import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A producer without a broker, and what was published through it. */
final class Published {
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901Z");

    final MockProducer<byte[], byte[]> producer;
    final MediaPublisher publisher;

    Published(boolean autoComplete) {
        producer =
                new MockProducer<>(
                        autoComplete, null, new ByteArraySerializer(), new ByteArraySerializer());
        publisher = new MediaPublisher(producer, () -> NOW);
    }

    static SessionStart start() {
        return SessionStart.newBuilder()
                .setProgram("captions")
                .setModels(Map.of("speech-recognition", "whisper-base@1.0.0"))
                .build();
    }

    /** On another thread, acknowledges or refuses the next record as soon as it is sent. */
    void settleNext(BooleanSupplier settle) {
        Thread broker =
                new Thread(
                        () -> {
                            while (!settle.getAsBoolean()) {
                                Thread.onSpinWait();
                            }
                        },
                        "broker");
        broker.setDaemon(true);
        broker.start();
    }

    /** All events, checked for what holds of every session's log. */
    List<MediaEvent> events(String session) throws UnreadableEventException {
        List<MediaEvent> events = new ArrayList<>();
        long time = 0;
        for (ProducerRecord<byte[], byte[]> record : producer.history()) {
            MediaEvent event = EventCodec.MEDIA.decode(record.value());
            boolean sound =
                    record.topic().equals(Topics.MEDIA)
                            && new String(record.key(), StandardCharsets.UTF_8)
                                    .equals(event.getSession())
                            && event.getSequence() == events.size()
                            && event.getMediaTimeUs() >= time
                            && event.getSession().equals(session);
            if (!sound) {
                throw new AssertionError("does not follow: " + event);
            }
            time = event.getMediaTimeUs();
            events.add(event);
        }
        return events;
    }

    /** The audio of a channel, put together. */
    short[] audio(String session, int channel) throws UnreadableEventException {
        short[] all = {};
        for (MediaEvent event : events(session)) {
            if (event.getPayload() instanceof AudioFrame frame && frame.getChannel() == channel) {
                int from = all.length;
                int count = frame.getData().remaining() / 2;
                all = Arrays.copyOf(all, from + count);
                frame.getData()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer()
                        .get(all, from, count);
            }
        }
        return all;
    }
}
