package dev.omniflow.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.RecordHeader;
import dev.omniflow.schemas.Tick;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MediaRecordDeserializerTest {
    private static MediaEvent event(Consumer<MediaEvent.Builder> change) {
        MediaEvent.Builder event =
                MediaEvent.newBuilder()
                        .setSession("call-7")
                        .setSequence(3)
                        .setMediaTimeUs(60_000)
                        .setIngestTimeUs(1_700_000_000_000_000L)
                        .setPayload(new Tick());
        change.accept(event);
        return event.build();
    }

    private static byte[] bytes(Consumer<MediaEvent.Builder> change) {
        return EventCodec.MEDIA.encode(event(change));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Either<MediaEvent, DeadLetter> read(
            byte @Nullable [] key, byte @Nullable [] value) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", utf8("x1"));
        headers.add("empty", null);
        headers.add("trace", new byte[0]);
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>(
                        "omni.media",
                        4,
                        99,
                        1_234,
                        TimestampType.CREATE_TIME,
                        -1,
                        -1,
                        key,
                        value,
                        headers,
                        Optional.empty());
        List<Either<MediaEvent, DeadLetter>> read = new ArrayList<>();
        new MediaRecordDeserializer()
                .deserialize(
                        record,
                        new Collector<>() {
                            @Override
                            public void collect(Either<MediaEvent, DeadLetter> out) {
                                read.add(out);
                            }

                            @Override
                            public void close() {}
                        });
        assertThat(read).hasSize(1);
        return read.get(0);
    }

    @Test
    void readsMediaEvents() {
        assertThat(read(utf8("call-7"), bytes(event -> {})).left()).isEqualTo(event(event -> {}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unreadable")
    void whatItCannotReadIsKeptWholeWithTheReason(
            String reason, byte @Nullable [] key, byte @Nullable [] value) {
        DeadLetter letter = read(key, value).right();

        assertThat(letter.getReason()).contains(reason);
        assertThat(letter.getTopic()).isEqualTo("omni.media");
        assertThat(letter.getPartition()).isEqualTo(4);
        assertThat(letter.getOffset()).isEqualTo(99);
        assertThat(letter.getTimestampMs()).isEqualTo(1_234);
        assertThat(letter.getKey()).isEqualTo(key == null ? null : ByteBuffer.wrap(key));
        assertThat(letter.getValue()).isEqualTo(value == null ? null : ByteBuffer.wrap(value));
        assertThat(letter.getHeaders())
                .containsExactly(
                        new RecordHeader("trace", ByteBuffer.wrap(utf8("x1"))),
                        new RecordHeader("empty", null),
                        new RecordHeader("trace", ByteBuffer.wrap(new byte[0])));
    }

    static Stream<Arguments> unreadable() {
        byte[] good = bytes(event -> {});
        byte[] foreign = good.clone();
        foreign[4] ^= 1;
        return Stream.of(
                Arguments.of("the record has no value", utf8("call-7"), null),
                Arguments.of("does not begin like one", utf8("call-7"), utf8("{\"json\": 1}")),
                Arguments.of("does not begin like one", utf8("call-7"), new byte[0]),
                Arguments.of("its schema is unknown", utf8("call-7"), foreign),
                Arguments.of(
                        "cut short or damaged",
                        utf8("call-7"),
                        Arrays.copyOf(good, good.length - 1)),
                Arguments.of("session id as the record's key", null, good),
                Arguments.of("session id as the record's key", utf8("call-8"), good),
                Arguments.of("session id as the record's key", new byte[] {-1, -2}, good),
                Arguments.of("a session id of 1 to 128", utf8(""), bytes(e -> e.setSession(""))),
                Arguments.of(
                        "a session id of 1 to 128",
                        utf8("a b"),
                        bytes(event -> event.setSession("a b"))),
                Arguments.of(
                        "129 characters",
                        utf8("x".repeat(129)),
                        bytes(event -> event.setSession("x".repeat(129)))),
                Arguments.of("of 0 or more", utf8("call-7"), bytes(e -> e.setSequence(-1))),
                Arguments.of("of 0 or more", utf8("call-7"), bytes(e -> e.setMediaTimeUs(-1))),
                Arguments.of("of 0 or more", utf8("call-7"), bytes(e -> e.setEpoch(-1))));
    }

    @Property(tries = 2000)
    void damageNeverThrows(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] damaged = bytes(event -> {});
        for (int i = 0; i <= random.nextInt(3); i++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        byte[] cut = Arrays.copyOf(damaged, random.nextInt(damaged.length + 1));

        Either<MediaEvent, DeadLetter> read = read(utf8("call-7"), cut);

        if (read.isRight()) {
            assertThat(read.right().getValue()).isEqualTo(ByteBuffer.wrap(cut));
        }
    }
}
