package dev.omniflow.ingest.internal;

import dev.omniflow.ingest.MediaDecoder;
import java.util.Arrays;

/**
 * Tells from the begin of a stereo recording whether its channels hold two parties, and how to mix
 * them if they do not.
 *
 * <p>Two parties are two channels that hardly correlate and of which, most of the time that anyone
 * speaks, only one is active; music and room recordings have both active at once. A function of the
 * samples alone: the same audio gives the same answer however it is cut into chunks. Not
 * thread-safe.
 */
public final class ChannelAnalysis {
    /** 20 ms. */
    private static final int FRAME = MediaDecoder.SAMPLE_RATE / 50;

    /** Two minutes. */
    private static final int MAX_FRAMES = 120 * 50;

    /** Below this level (-50 dBFS) no frame is active. */
    private static final double FLOOR = 32768 * Math.pow(10, -50 / 20.0);

    /** A frame is active if it is no more than this (25 dB) below its channel's loud frames. */
    private static final double ACTIVE_RANGE = Math.pow(10, -25 / 20.0);

    /** A channel whose level is this far (40 dB) below the other's holds nothing. */
    private static final double EMPTY_RATIO = Math.pow(10, -40 / 10.0);

    private static final double MAX_CORRELATION = 0.3;
    private static final double MIN_EXCLUSIVE_SHARE = 0.6;

    /** Half a second: each party must have spoken at least this long. */
    private static final int MIN_PARTY_FRAMES = 25;

    private final double[] rmsLeft = new double[MAX_FRAMES];
    private final double[] rmsRight = new double[MAX_FRAMES];
    private int frames;

    private int inFrame;
    private double frameLeft;
    private double frameRight;

    private double energyLeft;
    private double energyRight;
    private double product;

    /** Whether more audio would change anything. */
    public boolean wantsMore() {
        return frames < MAX_FRAMES;
    }

    /** Takes the next samples of both channels; ignores what lies beyond the first two minutes. */
    public void add(short[] left, short[] right) {
        for (int i = 0; i < left.length && frames < MAX_FRAMES; i++) {
            double l = left[i];
            double r = right[i];
            frameLeft += l * l;
            frameRight += r * r;
            product += l * r;
            inFrame++;
            if (inFrame == FRAME) {
                rmsLeft[frames] = Math.sqrt(frameLeft / FRAME);
                rmsRight[frames] = Math.sqrt(frameRight / FRAME);
                frames++;
                energyLeft += frameLeft;
                energyRight += frameRight;
                inFrame = 0;
                frameLeft = 0;
                frameRight = 0;
            }
        }
    }

    /** Whether each channel holds a party of its own. */
    public boolean twoParties() {
        if (Math.abs(correlation()) > MAX_CORRELATION) {
            return false;
        }
        double thresholdLeft = threshold(rmsLeft);
        double thresholdRight = threshold(rmsRight);
        int onlyLeft = 0;
        int onlyRight = 0;
        int both = 0;
        for (int i = 0; i < frames; i++) {
            boolean left = rmsLeft[i] > thresholdLeft;
            boolean right = rmsRight[i] > thresholdRight;
            if (left && right) {
                both++;
            } else if (left) {
                onlyLeft++;
            } else if (right) {
                onlyRight++;
            }
        }
        int exclusive = onlyLeft + onlyRight;
        return onlyLeft >= MIN_PARTY_FRAMES
                && onlyRight >= MIN_PARTY_FRAMES
                && exclusive >= MIN_EXCLUSIVE_SHARE * (exclusive + both);
    }

    /**
     * How to make the two channels one. The mean; the full sum where one channel is empty, for the
     * mean would halve the other, and the empty one may yet begin to speak; the difference where
     * one is an inverted copy, for the mean would be silence.
     */
    public ChannelMix mix() {
        boolean leftEmpty = energyLeft <= energyRight * EMPTY_RATIO;
        boolean rightEmpty = energyRight <= energyLeft * EMPTY_RATIO;
        if (leftEmpty != rightEmpty) {
            return ChannelMix.weighted(1, 1);
        }
        return correlation() < -MAX_CORRELATION
                ? ChannelMix.weighted(0.5, -0.5)
                : ChannelMix.weighted(0.5, 0.5);
    }

    private double correlation() {
        double norm = Math.sqrt(energyLeft * energyRight);
        return norm == 0 ? 0 : product / norm;
    }

    private double threshold(double[] rms) {
        if (frames == 0) {
            return FLOOR;
        }
        double[] sorted = Arrays.copyOf(rms, frames);
        Arrays.sort(sorted);
        double loud = sorted[(int) ((frames - 1) * 0.95)];
        return Math.max(FLOOR, loud * ACTIVE_RANGE);
    }
}
