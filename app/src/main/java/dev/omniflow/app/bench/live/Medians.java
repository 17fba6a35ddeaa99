package dev.omniflow.app.bench.live;

import java.util.Arrays;
import java.util.Collection;

/** Middles of measurements. */
public final class Medians {
    private Medians() {}

    /**
     * The middle one, or the mean of the two middle ones.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static double of(Collection<? extends Number> values) {
        double[] sorted = values.stream().mapToDouble(Number::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        int half = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[half]
                : Arrays.stream(sorted, half - 1, half + 1).sum() / 2;
    }

    /** To so many places after the point. */
    public static double rounded(double value, int places) {
        double unit = Math.pow(10, places);
        return Math.round(value * unit) / unit;
    }
}
