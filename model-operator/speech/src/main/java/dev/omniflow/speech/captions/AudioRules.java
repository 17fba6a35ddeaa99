package dev.omniflow.speech.captions;

import dev.omniflow.schemas.AudioEncoding;
import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.Gap;
import dev.omniflow.speech.features.LogMel;
import java.nio.ByteOrder;
import java.util.Optional;

/** Which audio events captions can hear, and what lies in them. */
final class AudioRules {
    private AudioRules() {}

    /** Why the frame cannot be heard. */
    static Optional<String> objection(AudioFrame frame, int channels) {
        if (frame.getEncoding() != AudioEncoding.PCM_S16LE
                || frame.getSampleRate() != LogMel.SAMPLE_RATE) {
            return Optional.of(
                    "expected audio as PCM_S16LE at "
                            + LogMel.SAMPLE_RATE
                            + " Hz, but "
                            + frame.getEncoding()
                            + " at "
                            + frame.getSampleRate()
                            + " Hz came");
        }
        if (frame.getChannel() < 0 || frame.getChannel() >= channels) {
            return Optional.of(
                    "expected a channel from 0 to "
                            + (channels - 1)
                            + ", not "
                            + frame.getChannel());
        }
        if (frame.getData().remaining() % Short.BYTES != 0) {
            return Optional.of(
                    "expected whole 16 bit samples, but a frame of "
                            + frame.getData().remaining()
                            + " bytes came");
        }
        return Optional.empty();
    }

    /** Why the gap makes no sense. */
    static Optional<String> objection(Gap gap, int channels) {
        if (gap.getDurationUs() < 0 || gap.getChannel() < -1 || gap.getChannel() >= channels) {
            return Optional.of(
                    "expected a gap of a length >= 0 on a channel from -1 to "
                            + (channels - 1)
                            + ", not "
                            + gap.getDurationUs()
                            + " us on "
                            + gap.getChannel());
        }
        return Optional.empty();
    }

    /** The samples of a frame without objections. */
    static short[] samples(AudioFrame frame) {
        short[] samples = new short[frame.getData().remaining() / Short.BYTES];
        frame.getData().duplicate().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return samples;
    }
}
