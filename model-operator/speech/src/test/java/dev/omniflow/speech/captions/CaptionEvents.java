package dev.omniflow.speech.captions;

import dev.omniflow.schemas.AudioEncoding;
import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.Control;
import dev.omniflow.schemas.ControlAction;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.Gap;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.SessionEnd;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Tick;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** Writes the log of one session. */
final class CaptionEvents {
    private static final int SAMPLES_PER_MS = 16;

    private final List<MediaEvent> events = new ArrayList<>();

    /** Speech, as the fake models take it, where the number is odd; silence where it is even. */
    static short[] audio(int... milliseconds) {
        int total = 0;
        for (int length : milliseconds) {
            total += length * SAMPLES_PER_MS;
        }
        short[] samples = new short[total];
        Random random = new Random(total);
        int at = 0;
        for (int i = 0; i < milliseconds.length; i++) {
            for (int n = 0; n < milliseconds[i] * SAMPLES_PER_MS; n++) {
                samples[at++] = i % 2 == 0 ? 0 : (short) (random.nextInt(16_000) - 8_000);
            }
        }
        return samples;
    }

    static SessionStart.Builder opening() {
        return SessionStart.newBuilder()
                .setProgram(CaptionsProgramFactory.PROGRAM)
                .setModels(
                        new TreeMap<>(
                                Map.of(
                                        SpeechModel.VOICE_ACTIVITY,
                                        FakeSpeechRuntime.VOICE,
                                        SpeechModel.SPEECH_RECOGNITION,
                                        FakeSpeechRuntime.WHISPER)));
    }

    CaptionEvents start() {
        return start(opening -> {});
    }

    CaptionEvents start(Consumer<SessionStart.Builder> change) {
        SessionStart.Builder opening = opening();
        change.accept(opening);
        return event(0, opening.build());
    }

    /** Audio in frames of 20 ms from that media time on. */
    CaptionEvents speak(long fromMs, int channel, short[] samples) {
        return speak(fromMs, channel, samples, () -> 320);
    }

    CaptionEvents speak(long fromMs, int channel, short[] samples, IntSupplier frameSize) {
        int at = 0;
        while (at < samples.length) {
            int length = Math.min(samples.length - at, frameSize.getAsInt());
            short[] frame = new short[length];
            System.arraycopy(samples, at, frame, 0, length);
            event(
                    Times.microseconds(fromMs * SAMPLES_PER_MS + at),
                    frame(AudioEncoding.PCM_S16LE, 16_000, channel, bytes(frame)));
            at += length;
        }
        return this;
    }

    CaptionEvents gap(long fromMs, long lengthMs, int channel) {
        return event(fromMs * 1000, new Gap(lengthMs * 1000, channel, "lost"));
    }

    CaptionEvents commit(long atMs) {
        return event(atMs * 1000, Control.newBuilder().setAction(ControlAction.COMMIT).build());
    }

    CaptionEvents tick(long atMs) {
        return event(atMs * 1000, new Tick());
    }

    CaptionEvents end(long atMs) {
        return event(atMs * 1000, new SessionEnd(EndReason.COMPLETED, ""));
    }

    CaptionEvents event(long mediaTimeUs, Object payload) {
        events.add(
                MediaEvent.newBuilder()
                        .setSession("s-1")
                        .setTenant("acme")
                        .setSequence(events.size())
                        .setMediaTimeUs(mediaTimeUs)
                        .setIngestTimeUs(0)
                        .setPayload(payload)
                        .build());
        return this;
    }

    List<MediaEvent> log() {
        return List.copyOf(events);
    }

    static AudioFrame frame(AudioEncoding encoding, int rate, int channel, byte[] data) {
        return new AudioFrame(encoding, rate, channel, ByteBuffer.wrap(data));
    }

    private static byte[] bytes(short[] samples) {
        ByteBuffer buffer =
                ByteBuffer.allocate(samples.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asShortBuffer().put(samples);
        return buffer.array();
    }
}
