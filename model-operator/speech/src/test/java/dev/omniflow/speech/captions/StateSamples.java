package dev.omniflow.speech.captions;

import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.speech.state.CaptionsState;
import dev.omniflow.speech.state.ChannelState;
import dev.omniflow.speech.state.PendingFault;
import dev.omniflow.speech.state.PendingUtterance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * States of captions sessions with every field set. Each released version of the state keeps the
 * file that {@link #main} wrote for it; a file that was released is never written again.
 */
final class StateSamples {
    private StateSamples() {}

    /** Writes the golden file of the present version to that path. */
    public static void main(String[] arguments) throws IOException {
        Files.write(Path.of(arguments[0]), CaptionsStateCodec.encode(version1()));
    }

    static CaptionsState version1() {
        MediaEvent start =
                new CaptionEvents().start(opening -> opening.setLanguage("fr")).log().get(0);
        byte[] vadState = new byte[1024];
        for (int i = 0; i < vadState.length; i++) {
            vadState[i] = (byte) i;
        }
        return CaptionsState.newBuilder()
                .setStart(ByteBuffer.wrap(EventCodec.MEDIA.encode(start)))
                .setChannels(
                        List.of(
                                new ChannelState(
                                        48_000L,
                                        5_120L,
                                        47_616L,
                                        ByteBuffer.wrap(vadState),
                                        3L,
                                        40_960L,
                                        45_056L,
                                        4_096L,
                                        43_008L,
                                        43_520L,
                                        42_240L,
                                        0.5f,
                                        30_720L)))
                .setQueue(
                        List.of(
                                new PendingUtterance(
                                        2L, 0, 10_240L, 30_720L, 5_440L, 35_520L, 130L)))
                .setAccepted(151)
                .setNextUtterance(4)
                .setOutputs(Map.of("TURNS", 7L))
                .setLanguages(Map.of("fr", -0.25))
                .setAudioSamples(48_000)
                .setSpeechSamples(20_480)
                .setTokensRead(31)
                .setTokensWritten(17)
                .setMediaTimeUs(3_000_000)
                .setEndIndex(150)
                .setFault(new PendingFault("unreadable-input", "expected whole samples"))
                .build();
    }
}
