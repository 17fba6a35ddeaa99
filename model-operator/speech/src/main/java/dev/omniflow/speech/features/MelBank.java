package dev.omniflow.speech.features;

/** Triangular filters on the Slaney mel scale, each of unit area. Immutable. */
final class MelBank {
    private final int[] first;
    private final double[][] weights;

    MelBank(int bands, int bins, int sampleRate, int window) {
        first = new int[bands];
        weights = new double[bands][];
        double[] edges = new double[bands + 2];
        double top = melOfHertz(sampleRate / 2.0);
        for (int i = 0; i < edges.length; i++) {
            edges[i] = hertzOfMel(top * i / (bands + 1));
        }
        for (int band = 0; band < bands; band++) {
            double[] full = new double[bins];
            int low = bins;
            int high = -1;
            for (int bin = 0; bin < bins; bin++) {
                double hertz = (double) bin * sampleRate / window;
                double rising = (hertz - edges[band]) / (edges[band + 1] - edges[band]);
                double falling = (edges[band + 2] - hertz) / (edges[band + 2] - edges[band + 1]);
                full[bin] =
                        Math.max(0, Math.min(rising, falling))
                                * 2
                                / (edges[band + 2] - edges[band]);
                if (full[bin] > 0) {
                    low = Math.min(low, bin);
                    high = bin;
                }
            }
            first[band] = Math.min(low, bins - 1);
            int count = Math.max(0, high - low + 1);
            weights[band] = new double[count];
            System.arraycopy(full, first[band], weights[band], 0, count);
        }
    }

    /** Writes the log10 energies of a frame into {@code [bands, frames]}; returns the largest. */
    double log(double[] power, double[] to, int frame, int frames, double floor) {
        double max = Double.NEGATIVE_INFINITY;
        for (int band = 0; band < weights.length; band++) {
            double energy = 0;
            double[] filter = weights[band];
            for (int i = 0; i < filter.length; i++) {
                energy += filter[i] * power[first[band] + i];
            }
            double log = Math.log10(Math.max(energy, floor));
            to[band * frames + frame] = log;
            max = Math.max(max, log);
        }
        return max;
    }

    private static final double LINEAR_HERTZ = 200.0 / 3;
    private static final double LOG_FROM_HERTZ = 1000;
    private static final double LOG_FROM_MEL = LOG_FROM_HERTZ / LINEAR_HERTZ;
    private static final double LOG_STEP = Math.log(6.4) / 27;

    private static double melOfHertz(double hertz) {
        return hertz < LOG_FROM_HERTZ
                ? hertz / LINEAR_HERTZ
                : LOG_FROM_MEL + Math.log(hertz / LOG_FROM_HERTZ) / LOG_STEP;
    }

    private static double hertzOfMel(double mel) {
        return mel < LOG_FROM_MEL
                ? mel * LINEAR_HERTZ
                : LOG_FROM_HERTZ * Math.exp(LOG_STEP * (mel - LOG_FROM_MEL));
    }
}
