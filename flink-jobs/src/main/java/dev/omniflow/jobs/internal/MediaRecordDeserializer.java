package dev.omniflow.jobs.internal;

import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.RecordHeader;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.codec.UnreadableEventException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Reads media events; what is none becomes a dead letter, whole and with the reason. Never fails.
 */
public final class MediaRecordDeserializer
        implements KafkaRecordDeserializationSchema<Either<MediaEvent, DeadLetter>> {
    private static final long serialVersionUID = 1;
    private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    @Override
    public void deserialize(
            ConsumerRecord<byte[], byte[]> record, Collector<Either<MediaEvent, DeadLetter>> out) {
        Either<MediaEvent, DeadLetter> read;
        try {
            read = Either.Left(read(record));
        } catch (UnreadableEventException e) {
            read = Either.Right(deadLetter(record, e.getMessage()));
        }
        out.collect(read);
    }

    private static MediaEvent read(ConsumerRecord<byte[], byte[]> record)
            throws UnreadableEventException {
        if (record.value() == null) {
            throw new UnreadableEventException(
                    "expected a MediaEvent, but the record has no value");
        }
        MediaEvent event = EventCodec.MEDIA.decode(record.value());
        if (!SESSION.matcher(event.getSession()).matches()) {
            throw new UnreadableEventException(
                    "expected a session id of 1 to 128 letters, digits and . _ : -, but it has "
                            + event.getSession().length()
                            + " characters or others");
        }
        String key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
        if (!event.getSession().equals(key)) {
            throw new UnreadableEventException(
                    "expected the session id as the record's key, but they differ: the session's order is lost");
        }
        if (event.getSequence() < 0 || event.getMediaTimeUs() < 0 || event.getEpoch() < 0) {
            throw new UnreadableEventException(
                    "expected sequence, epoch and media time of 0 or more, but they are "
                            + event.getSequence()
                            + ", "
                            + event.getEpoch()
                            + " and "
                            + event.getMediaTimeUs());
        }
        return event;
    }

    private static DeadLetter deadLetter(
            ConsumerRecord<byte[], byte[]> record, @Nullable String reason) {
        List<RecordHeader> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new RecordHeader(header.key(), wrap(header.value())));
        }
        return DeadLetter.newBuilder()
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setTimestampMs(record.timestamp())
                .setKey(wrap(record.key()))
                .setValue(wrap(record.value()))
                .setHeaders(headers)
                .setReason(String.valueOf(reason))
                .build();
    }

    private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    @Override
    public TypeInformation<Either<MediaEvent, DeadLetter>> getProducedType() {
        return new EitherTypeInfo<>(
                new AvroTypeInfo<>(MediaEvent.class), new AvroTypeInfo<>(DeadLetter.class));
    }
}
