package dev.omniflow.examples;

/**
 * Mean and spread of the values that it was given, one by one.
 *
 * @param count how many
 * @param mean their mean
 * @param squares sum of the squares of their distances from the mean
 */
record Spread(long count, double mean, double squares) {
    static final Spread NONE = new Spread(0, 0, 0);

    Spread with(double value) {
        double distance = value - mean;
        double newMean = mean + distance / (count + 1);
        return new Spread(count + 1, newMean, squares + distance * (value - newMean));
    }

    /** Standard deviation; 1 where all values are the same. */
    private double unit() {
        return squares == 0 ? 1 : Math.sqrt(squares / count);
    }

    /** A value in spreads from the mean. */
    double scaled(double value) {
        return (value - mean) / unit();
    }

    /** The value of so many spreads from the mean. */
    double value(double scaled) {
        return mean + widthOf(scaled);
    }

    /** A width given in spreads. */
    double widthOf(double scaled) {
        return scaled * unit();
    }
}
