package dev.omniflow.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SessionEnvelopeTest {
    /** Version 1 as it was released: it never changes. */
    private static final byte[] VERSION_1 =
            HexFormat.of()
                    .parseHex(
                            "00000001"
                                    + "000000000000002a"
                                    + "0000000000000029"
                                    + "00000003"
                                    + "0000000000000063"
                                    + "00000002"
                                    + "cafe");

    /** Version 2 as it was released: it never changes. */
    private static final byte[] VERSION_2 =
            HexFormat.of()
                    .parseHex(
                            "00000002"
                                    + "000000000000002a"
                                    + "0000000000000029"
                                    + "00000003"
                                    + "0000000000000063"
                                    + "0000019a00000000"
                                    + "0000019a0000ffff"
                                    + "00000002"
                                    + "cafe");

    @Test
    void readsVersion1() {
        SessionEnvelope envelope = SessionEnvelope.fromBytes(VERSION_1);

        assertThat(envelope.nextIndex()).isEqualTo(42);
        assertThat(envelope.accepted()).isEqualTo(41);
        assertThat(envelope.epoch()).isEqualTo(3);
        assertThat(envelope.lastSequence()).isEqualTo(99);
        assertThat(envelope.lastActiveMs()).as("what version 1 did not tell").isZero();
        assertThat(envelope.timerMs()).isZero();
        assertThat(envelope.program()).containsExactly(0xCA, 0xFE);
    }

    @Test
    void readsAndWritesVersion2() {
        SessionEnvelope envelope = SessionEnvelope.fromBytes(VERSION_2);

        assertThat(envelope.nextIndex()).isEqualTo(42);
        assertThat(envelope.accepted()).isEqualTo(41);
        assertThat(envelope.epoch()).isEqualTo(3);
        assertThat(envelope.lastSequence()).isEqualTo(99);
        assertThat(envelope.lastActiveMs()).isEqualTo(0x19a00000000L);
        assertThat(envelope.timerMs()).isEqualTo(0x19a0000ffffL);
        assertThat(envelope.program()).containsExactly(0xCA, 0xFE);
        assertThat(envelope.toBytes()).isEqualTo(VERSION_2);
    }

    @Property
    void findsBackToItself(
            @ForAll long nextIndex,
            @ForAll long accepted,
            @ForAll int epoch,
            @ForAll long lastSequence,
            @ForAll long lastActiveMs,
            @ForAll long timerMs,
            @ForAll byte[] program) {
        SessionEnvelope read =
                SessionEnvelope.fromBytes(
                        new SessionEnvelope(
                                        nextIndex,
                                        accepted,
                                        epoch,
                                        lastSequence,
                                        lastActiveMs,
                                        timerMs,
                                        program)
                                .toBytes());

        assertThat(read.nextIndex()).isEqualTo(nextIndex);
        assertThat(read.accepted()).isEqualTo(accepted);
        assertThat(read.epoch()).isEqualTo(epoch);
        assertThat(read.lastSequence()).isEqualTo(lastSequence);
        assertThat(read.lastActiveMs()).isEqualTo(lastActiveMs);
        assertThat(read.timerMs()).isEqualTo(timerMs);
        assertThat(read.program()).isEqualTo(program);
    }

    @Test
    void refusesAnUnknownVersion() {
        byte[] future = VERSION_1.clone();
        future[3] = 3;

        assertThatThrownBy(() -> SessionEnvelope.fromBytes(future))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(
                        "expected session state of version 1 to 2, but it has version 3")
                .hasMessageContaining("restore it with the release that wrote it");
    }

    @Test
    void refusesWhatIsCutShort() {
        for (byte[] whole : List.of(VERSION_1, VERSION_2)) {
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> SessionEnvelope.fromBytes(cut))
                        .isInstanceOf(UncheckedIOException.class);
            }
        }
    }
}
