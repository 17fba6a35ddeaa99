package dev.omniflow.ingest.internal;

import dev.omniflow.ingest.MediaChunk;

/**
 * How the channels of a source become those of a session: left apart, or two made one. Immutable.
 */
public final class ChannelMix {
    private final int channels;
    private final double left;
    private final double right;

    private ChannelMix(int channels, double left, double right) {
        this.channels = channels;
        this.left = left;
        this.right = right;
    }

    /** Every channel stays as it is. */
    public static ChannelMix separate(int channels) {
        return new ChannelMix(channels, 0, 0);
    }

    /** Two channels become one: the sum of both, each times its weight, saturated. */
    public static ChannelMix weighted(double left, double right) {
        return new ChannelMix(1, left, right);
    }

    /** Channels that come out. */
    public int channels() {
        return channels;
    }

    /** The chunk with this mix applied; may be the same one. */
    public MediaChunk.Samples apply(MediaChunk.Samples samples) {
        if (samples.channels() == channels) {
            return samples;
        }
        short[] a = samples.channel(0);
        short[] b = samples.channel(1);
        short[] mixed = new short[a.length];
        for (int i = 0; i < mixed.length; i++) {
            long value = Math.round(left * a[i] + right * b[i]);
            mixed[i] = (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, value));
        }
        return new MediaChunk.Samples(samples.position(), new short[][] {mixed});
    }
}
