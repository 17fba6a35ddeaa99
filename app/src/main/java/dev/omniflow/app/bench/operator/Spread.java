package dev.omniflow.app.bench.operator;

import java.util.Arrays;
import java.util.Collection;

/**
 * The middle of repeated measurements, and how far they lie apart.
 *
 * @param least the least
 * @param median the middle one, or the mean of the two middle ones
 * @param most the most
 */
record Spread(double least, double median, double most) {
    /** Of at least one value. */
    static Spread of(Collection<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        int half = sorted.length / 2;
        double median =
                sorted.length % 2 == 1
                        ? sorted[half]
                        : Arrays.stream(sorted, half - 1, half + 1).sum() / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }
}
