package dev.omniflow.ingest.internal;

import dev.omniflow.ingest.MediaDecoder;

/**
 * Where decoded blocks lie in media time, from their time stamps.
 *
 * <p>A block whose stamp is within the tolerance of where the former one ended follows it exactly:
 * containers round their stamps. The deviation is measured against the time line, not against the
 * former block, so it does not add up unseen. A stamp that leaps further than a recording plausibly
 * does (a reset clock) moves the origin instead. All positions in samples at {@link
 * MediaDecoder#SAMPLE_RATE}. Pure; not thread-safe.
 */
final class Timeline {
    /** 100 ms. */
    static final long TOLERANCE = MediaDecoder.SAMPLE_RATE / 10;

    /** Ten seconds: further back is no overlap but a clock that was set anew. */
    static final long MAX_OVERLAP = 10L * MediaDecoder.SAMPLE_RATE;

    /** Six hours: further ahead is no hole but a clock that was set anew. */
    static final long MAX_HOLE = 6L * 3600 * MediaDecoder.SAMPLE_RATE;

    private long origin;
    private long start;
    private long inputSamples;
    private int inputRate = MediaDecoder.SAMPLE_RATE;
    private int resets;

    /**
     * @param origin stamp of media time 0
     */
    Timeline(long origin) {
        this.origin = origin;
    }

    /** What the stamp of a block says. */
    enum Verdict {
        /** It follows the former block. */
        CONTINUES,
        /** It lies elsewhere: {@link #begin} a run at {@link #position}. */
        JUMPS
    }

    /** Where the next block lies if nothing is amiss. */
    long expected() {
        return start
                + Math.floorDiv(
                        inputSamples * MediaDecoder.SAMPLE_RATE + inputRate / 2, (long) inputRate);
    }

    /** Judges the stamp of the next block, and moves the origin if the clock was set anew. */
    Verdict judge(long stamp) {
        long deviation = stamp - origin - expected();
        if (deviation < -MAX_OVERLAP || deviation > MAX_HOLE) {
            origin += deviation;
            resets++;
            return Verdict.CONTINUES;
        }
        return Math.abs(deviation) <= TOLERANCE ? Verdict.CONTINUES : Verdict.JUMPS;
    }

    /** The position that a stamp means. */
    long position(long stamp) {
        return stamp - origin;
    }

    /** Begins a run of blocks at a position, at a sample rate of the input. */
    void begin(long position, int rate) {
        start = position;
        inputSamples = 0;
        inputRate = rate;
    }

    /** Takes a block of so many samples of the input. */
    void take(long samples) {
        inputSamples += samples;
    }

    /** How often the clock was set anew. */
    int resets() {
        return resets;
    }
}
