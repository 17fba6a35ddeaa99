package dev.omniflow.speech.features;

import java.util.Arrays;

/**
 * Whisper's input features: log-mel spectrogram of 16 kHz audio, 25 ms Hann windows every 10 ms, 80
 * Slaney mel bands up to 8 kHz, scaled to about -1 to 1. The same as OpenAI's front end, computed
 * in double precision.
 *
 * <p>Not thread-safe.
 */
public final class LogMel {
    public static final int SAMPLE_RATE = 16_000;
    public static final int HOP = 160;
    public static final int BANDS = 80;

    private static final int WINDOW = 400;
    private static final int BINS = WINDOW / 2 + 1;
    private static final double FLOOR = 1e-10;

    private final Fft fft = new Fft(WINDOW);
    private final double[] hann = hann();
    private final MelBank bank = new MelBank(BANDS, BINS, SAMPLE_RATE, WINDOW);
    private final double[] re = new double[WINDOW];
    private final double[] im = new double[WINDOW];
    private final double[] powerA = new double[BINS];
    private final double[] powerB = new double[BINS];

    /**
     * Features of audio followed by silence.
     *
     * @param samples 16 kHz, -1 to 1
     * @param frames number of frames, each 10 ms; audio beyond them is left out, what is missing is
     *     silence
     * @return {@code [80, frames]}, row-major
     */
    public float[] compute(float[] samples, int frames) {
        double[] log = new double[BANDS * frames];
        double max = Math.log10(FLOOR);
        // Frames from here on see silence only, but for the mirrored edge at the very end, which is
        // silent too.
        int audible = Math.min(frames, (samples.length + WINDOW / 2 + HOP - 1) / HOP);
        for (int frame = 0; frame < audible; frame += 2) {
            // Two real frames are one complex transform.
            load(samples, frames, frame, re);
            load(samples, frames, frame + 1, im);
            fft.transform(re, im);
            split();
            max = Math.max(max, bank.log(powerA, log, frame, frames, FLOOR));
            if (frame + 1 < frames) {
                max = Math.max(max, bank.log(powerB, log, frame + 1, frames, FLOOR));
            }
        }
        for (int band = 0; band < BANDS; band++) {
            int first = Math.min(frames, (audible + 1) / 2 * 2);
            Arrays.fill(log, band * frames + first, (band + 1) * frames, Math.log10(FLOOR));
        }
        float[] features = new float[log.length];
        for (int i = 0; i < log.length; i++) {
            features[i] = (float) ((Math.max(log[i], max - 8) + 4) / 4);
        }
        return features;
    }

    /** Loads the windowed samples of a frame, mirrored at both ends of the padded audio. */
    private void load(float[] samples, int frames, int frame, double[] to) {
        int total = frames * HOP;
        int begin = frame * HOP - WINDOW / 2;
        for (int i = 0; i < WINDOW; i++) {
            int at = begin + i;
            if (at < 0) {
                at = -at;
            } else if (at >= total) {
                at = 2 * (total - 1) - at;
            }
            to[i] = at >= 0 && at < samples.length && at < total ? samples[at] * hann[i] : 0;
        }
    }

    /** Separates the power spectra of the two real frames that were transformed as one. */
    private void split() {
        for (int k = 0; k < BINS; k++) {
            int mirror = k == 0 ? 0 : WINDOW - k;
            double aRe = (re[k] + re[mirror]) / 2;
            double aIm = (im[k] - im[mirror]) / 2;
            double bRe = (im[k] + im[mirror]) / 2;
            double bIm = (re[mirror] - re[k]) / 2;
            powerA[k] = aRe * aRe + aIm * aIm;
            powerB[k] = bRe * bRe + bIm * bIm;
        }
    }

    private static double[] hann() {
        double[] window = new double[WINDOW];
        for (int i = 0; i < WINDOW; i++) {
            window[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / WINDOW);
        }
        return window;
    }
}
