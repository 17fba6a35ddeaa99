package dev.omniflow.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.AudioEncoding;
import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.Control;
import dev.omniflow.schemas.ControlAction;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.Gap;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.SessionEnd;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.TextInput;
import dev.omniflow.schemas.Tick;
import dev.omniflow.schemas.VideoEncoding;
import dev.omniflow.schemas.VideoFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;

class EventCodecTest {
    private static MediaEvent event(Object payload) {
        return MediaEvent.newBuilder()
                .setSession("call-17")
                .setSequence(4)
                .setMediaTimeUs(1_500_000)
                .setIngestTimeUs(1_790_000_000_000_000L)
                .setPayload(payload)
                .build();
    }

    @Provide
    Arbitrary<Object> payloads() {
        Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(2000);
        Arbitrary<String> text = Arbitraries.strings().ofMaxLength(40);
        return Arbitraries.<Object>oneOf(
                bytes.map(b -> AudioFrame.newBuilder().setData(ByteBuffer.wrap(b)).build()),
                bytes.map(b -> new AudioFrame(AudioEncoding.MULAW, 8000, 1, ByteBuffer.wrap(b))),
                bytes.map(b -> new VideoFrame(VideoEncoding.JPEG, 640, 360, ByteBuffer.wrap(b))),
                text.map(t -> TextInput.newBuilder().setText(t).build()),
                text.map(
                        t ->
                                Control.newBuilder()
                                        .setAction(ControlAction.PLAYBACK_MARK)
                                        .setName(t)
                                        .setAttributes(Map.of("k", t))
                                        .build()),
                text.map(
                        t ->
                                SessionStart.newBuilder()
                                        .setProgram("captions")
                                        .setModels(Map.of("speech-recognition", "m@1"))
                                        .setPrompt(t)
                                        .setVocabulary(List.of(t))
                                        .build()),
                Arbitraries.longs()
                        .map(l -> Gap.newBuilder().setDurationUs(l).setReason("lost").build()),
                Arbitraries.of(EndReason.values())
                        .map(r -> SessionEnd.newBuilder().setReason(r).build()),
                Arbitraries.just(new Tick()));
    }

    @Property(tries = 200)
    void whatIsWrittenIsRead(@ForAll("payloads") Object payload) throws UnreadableEventException {
        MediaEvent event = event(payload);
        assertThat(EventCodec.MEDIA.decode(EventCodec.MEDIA.encode(event))).isEqualTo(event);
    }

    @Test
    void bytesThatAreNoAvroAreRefusedWithTheirSize() {
        assertThatThrownBy(
                        () ->
                                EventCodec.MEDIA.decode(
                                        "{\"session\":1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableEventException.class)
                .hasMessageContaining("expected a MediaEvent")
                .hasMessageContaining("13 bytes");
        assertThatThrownBy(() -> EventCodec.MEDIA.decode(new byte[0]))
                .isInstanceOf(UnreadableEventException.class);
    }

    @Test
    void anUnknownSchemaIsSaidToBeOne() throws Exception {
        var other =
                new BinaryMessageEncoder<Gap>(SpecificData.get(), Gap.getClassSchema())
                        .encode(Gap.newBuilder().setDurationUs(1).setReason("x").build());
        byte[] bytes = new byte[other.remaining()];
        other.get(bytes);
        assertThatThrownBy(() -> EventCodec.MEDIA.decode(bytes))
                .isInstanceOf(UnreadableEventException.class)
                .hasMessageContaining("schema is unknown");
    }

    @Test
    void everyCutIsRefused() {
        byte[] whole =
                EventCodec.MEDIA.encode(
                        event(
                                AudioFrame.newBuilder()
                                        .setData(ByteBuffer.wrap(new byte[64]))
                                        .build()));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> EventCodec.MEDIA.decode(cut))
                    .isInstanceOf(UnreadableEventException.class);
        }
    }

    @Test
    void damagedBytesAreReadOrRefusedButNeverThrowOtherwise() {
        byte[] whole =
                EventCodec.MEDIA.encode(
                        event(TextInput.newBuilder().setText("Grüezi mitenand").build()));
        Random random = new Random(7);
        for (int i = 0; i < 5000; i++) {
            byte[] damaged = whole.clone();
            damaged[10 + random.nextInt(damaged.length - 10)] = (byte) random.nextInt(256);
            try {
                assertThat(EventCodec.MEDIA.decode(damaged)).isNotNull();
            } catch (UnreadableEventException refused) {
                assertThat(refused).hasMessageContaining("expected a MediaEvent");
            }
        }
    }
}
