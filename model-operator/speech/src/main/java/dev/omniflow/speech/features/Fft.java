package dev.omniflow.speech.features;

import java.util.ArrayList;
import java.util.List;

/**
 * Discrete Fourier transform of a fixed length by mixed radix decimation in time, for lengths that
 * are products of small primes (Whisper's 400 is 2·2·2·2·5·5). Double precision.
 *
 * <p>Not thread-safe: it owns its scratch memory.
 */
final class Fft {
    private final int length;
    private final int[] radixes;
    private final double[] cos;
    private final double[] sin;
    private final double[] scratchRe;
    private final double[] scratchIm;
    private final double[] termRe;
    private final double[] termIm;

    Fft(int length) {
        this.length = length;
        radixes = factors(length);
        cos = new double[length];
        sin = new double[length];
        for (int i = 0; i < length; i++) {
            cos[i] = Math.cos(2 * Math.PI * i / length);
            sin[i] = -Math.sin(2 * Math.PI * i / length);
        }
        scratchRe = new double[length];
        scratchIm = new double[length];
        int largest = 1;
        for (int radix : radixes) {
            largest = Math.max(largest, radix);
        }
        termRe = new double[largest];
        termIm = new double[largest];
    }

    private static int[] factors(int length) {
        List<Integer> factors = new ArrayList<>();
        int rest = length;
        for (int factor = 2; rest > 1; factor++) {
            while (rest % factor == 0) {
                factors.add(factor);
                rest /= factor;
            }
        }
        return factors.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Transforms in place. */
    void transform(double[] re, double[] im) {
        System.arraycopy(re, 0, scratchRe, 0, length);
        System.arraycopy(im, 0, scratchIm, 0, length);
        transform(re, im, 0, length, 0, 1, 0);
    }

    /**
     * Writes the transform of {@code scratch[from], scratch[from + stride], …} to {@code
     * out[at..at+count)}.
     */
    private void transform(
            double[] re, double[] im, int at, int count, int from, int stride, int level) {
        if (count == 1) {
            re[at] = scratchRe[from];
            im[at] = scratchIm[from];
            return;
        }
        int radix = radixes[level];
        int part = count / radix;
        for (int r = 0; r < radix; r++) {
            transform(re, im, at + r * part, part, from + r * stride, stride * radix, level + 1);
        }
        for (int k = 0; k < part; k++) {
            if (radix == 2) {
                butterfly(re, im, at + k, at + k + part, k * stride);
            } else {
                combine(re, im, at + k, part, radix, k * stride, stride);
            }
        }
    }

    private void butterfly(double[] re, double[] im, int even, int odd, int twiddle) {
        double oddRe = re[odd] * cos[twiddle] - im[odd] * sin[twiddle];
        double oddIm = re[odd] * sin[twiddle] + im[odd] * cos[twiddle];
        re[odd] = re[even] - oddRe;
        im[odd] = im[even] - oddIm;
        re[even] += oddRe;
        im[even] += oddIm;
    }

    private void combine(
            double[] re, double[] im, int at, int part, int radix, int twiddle, int stride) {
        for (int r = 0; r < radix; r++) {
            int index = at + r * part;
            int t = r * twiddle % length;
            termRe[r] = re[index] * cos[t] - im[index] * sin[t];
            termIm[r] = re[index] * sin[t] + im[index] * cos[t];
        }
        int turn = part * stride;
        for (int q = 0; q < radix; q++) {
            double sumRe = 0;
            double sumIm = 0;
            for (int r = 0; r < radix; r++) {
                int t = q * r * turn % length;
                sumRe += termRe[r] * cos[t] - termIm[r] * sin[t];
                sumIm += termRe[r] * sin[t] + termIm[r] * cos[t];
            }
            re[at + q * part] = sumRe;
            im[at + q * part] = sumIm;
        }
    }
}
