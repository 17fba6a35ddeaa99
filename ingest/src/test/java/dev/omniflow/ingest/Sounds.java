package dev.omniflow.ingest;

import java.util.Random;

/** Signals, as arrays of signed 16 bit samples. */
public final class Sounds {
    private Sounds() {}

    public static short[] silence(int samples) {
        return new short[samples];
    }

    public static short[] tone(int samples, int rate, double hertz, double amplitude) {
        short[] tone = new short[samples];
        for (int i = 0; i < samples; i++) {
            tone[i] = (short) (amplitude * 32767 * Math.sin(2 * Math.PI * hertz * i / rate));
        }
        return tone;
    }

    /** Silence but for a burst of 1 ms around one sample. */
    public static short[] click(int samples, int rate, int at) {
        short[] click = new short[samples];
        int half = Math.max(1, rate / 2000);
        for (int i = -half; i <= half; i++) {
            click[at + i] = (short) (30000 * (1 - Math.abs(i) / (half + 1.0)));
        }
        return click;
    }

    public static short[] noise(int samples, double amplitude, long seed) {
        Random random = new Random(seed);
        short[] noise = new short[samples];
        for (int i = 0; i < samples; i++) {
            noise[i] =
                    (short)
                            Math.max(
                                    -32768,
                                    Math.min(32767, random.nextGaussian() * amplitude * 32767 / 3));
        }
        return noise;
    }

    /**
     * Noise in syllables, as someone talks who is on from {@code onFrom} to {@code onTo} of each
     * period.
     */
    public static short[] talker(
            int samples, int period, int onFrom, int onTo, double amplitude, long seed) {
        short[] talk = noise(samples, amplitude, seed);
        for (int i = 0; i < samples; i++) {
            int phase = i % period;
            boolean on = phase >= onFrom && phase < onTo && i % 4800 < 3600;
            if (!on) {
                talk[i] = 0;
            }
        }
        return talk;
    }

    public static short[] scaled(short[] samples, double gain) {
        short[] scaled = new short[samples.length];
        for (int i = 0; i < samples.length; i++) {
            scaled[i] = (short) Math.round(samples[i] * gain);
        }
        return scaled;
    }

    public static short[] sum(short[] a, short[] b) {
        short[] sum = new short[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = (short) Math.max(-32768, Math.min(32767, a[i] + b[i]));
        }
        return sum;
    }

    /** Index of the loudest sample. */
    public static int loudest(short[] samples) {
        int best = 0;
        for (int i = 0; i < samples.length; i++) {
            if (Math.abs(samples[i]) > Math.abs(samples[best])) {
                best = i;
            }
        }
        return best;
    }
}
