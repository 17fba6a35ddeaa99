package dev.omniflow.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class EventSerializerTest {
    private static final OutputEvent OUTPUT =
            OutputEvent.newBuilder()
                    .setSession("call-7")
                    .setStream(Stream.CAPTIONS)
                    .setSequence(0)
                    .setStartUs(0)
                    .setEndUs(0)
                    .setEmittedTimeUs(0)
                    .setPayload(new StreamEnd(0L))
                    .build();

    @Test
    void anOutputLiesUnderItsSession() throws Exception {
        ProducerRecord<byte[], byte[]> record =
                EventSerializer.outputs("omni.live").serialize(OUTPUT, null, 17L);

        assertThat(record).isNotNull();
        assertThat(record.topic()).isEqualTo("omni.live");
        assertThat(record.partition()).isNull();
        assertThat(record.timestamp()).isEqualTo(17);
        assertThat(record.key()).isEqualTo("call-7".getBytes(StandardCharsets.UTF_8));
        assertThat(EventCodec.OUTPUT.decode(record.value())).isEqualTo(OUTPUT);
    }

    @Test
    void timesThatKafkaRefusesAreLeftToTheBroker() {
        assertThat(EventSerializer.outputs("t").serialize(OUTPUT, null, -1L).timestamp()).isNull();
        assertThat(EventSerializer.outputs("t").serialize(OUTPUT, null, null).timestamp()).isNull();
    }

    @Test
    void aDeadLetterKeepsItsKey() throws Exception {
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setTopic("omni.media")
                        .setPartition(0)
                        .setOffset(1)
                        .setTimestampMs(2)
                        .setKey(ByteBuffer.wrap(new byte[] {1, 2}))
                        .setValue(null)
                        .setHeaders(List.of())
                        .setReason("because")
                        .build();

        ProducerRecord<byte[], byte[]> record =
                EventSerializer.deadLetters().serialize(letter, null, null);

        assertThat(record.topic()).isEqualTo("omni.deadletter");
        assertThat(record.key()).containsExactly(1, 2);
        assertThat(EventCodec.DEAD_LETTER.decode(record.value())).isEqualTo(letter);
        letter.setKey(null);
        assertThat(EventSerializer.deadLetters().serialize(letter, null, null).key()).isNull();
    }
}
