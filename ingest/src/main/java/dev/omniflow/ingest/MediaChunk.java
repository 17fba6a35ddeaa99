package dev.omniflow.ingest;

/**
 * A piece of decoded media. Chunks of a file follow each other without overlap and without holes.
 */
public sealed interface MediaChunk {
    /** Where it begins, in samples at {@link MediaDecoder#SAMPLE_RATE} from the session's start. */
    long position();

    /** How long it is, in samples at {@link MediaDecoder#SAMPLE_RATE}; above 0. */
    long length();

    /** Samples of every channel, all of the same length. */
    final class Samples implements MediaChunk {
        private final long position;
        private final short[][] channels;

        /** Takes ownership of the arrays: one for each channel, all of the same length. */
        public Samples(long position, short[][] channels) {
            this.position = position;
            this.channels = channels;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public long length() {
            return channels[0].length;
        }

        /** Number of channels. */
        public int channels() {
            return channels.length;
        }

        /** Samples of one channel, signed 16 bit; not a copy. */
        public short[] channel(int channel) {
            return channels[channel];
        }
    }

    /**
     * Media that the file does not hold: its time stamps jump here.
     *
     * @param position where the hole begins
     * @param length how long it is
     * @param reason why, for people
     */
    record Hole(long position, long length, String reason) implements MediaChunk {}
}
