package dev.omniflow.speech.features;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The samples of one channel that are still needed, on the session's time line: sample n lies
 * n/16000 s after the session's start. What was never put on it is silence.
 *
 * <p>Not thread-safe.
 */
public final class AudioTrack {
    private final Deque<Run> runs = new ArrayDeque<>();
    private long end;

    private record Run(long begin, short[] samples) {
        long end() {
            return begin + samples.length;
        }
    }

    /** Sample after the last; where the next ones are expected. */
    public long end() {
        return end;
    }

    /**
     * Puts samples on the track at that place; what lies before {@link #end} is taken already and
     * left out.
     */
    public void put(long begin, short[] samples) {
        int skipped = (int) Math.min(samples.length, Math.max(0, end - begin));
        if (skipped == samples.length) {
            return;
        }
        short[] rest = samples;
        if (skipped > 0) {
            rest = new short[samples.length - skipped];
            System.arraycopy(samples, skipped, rest, 0, rest.length);
        }
        runs.add(new Run(begin + skipped, rest));
        end = begin + samples.length;
    }

    /** Silence up to that sample; nothing if the track reaches it. */
    public void extendTo(long sample) {
        end = Math.max(end, sample);
    }

    /** Forgets what is not needed for samples from that one on. */
    public void forgetBefore(long sample) {
        while (!runs.isEmpty() && runs.getFirst().end() <= sample) {
            runs.removeFirst();
        }
    }

    /** The samples in [from, to) scaled to -1 to 1. */
    public float[] floats(long from, long to) {
        float[] floats = new float[Math.toIntExact(to - from)];
        for (Run run : runs) {
            long first = Math.max(from, run.begin());
            long last = Math.min(to, run.end());
            for (long at = first; at < last; at++) {
                floats[(int) (at - from)] = run.samples()[(int) (at - run.begin())] / 32768f;
            }
        }
        return floats;
    }
}
