package dev.omniflow.app.bench.operator;

/** Whole sizes that are a given number in the mean. Not thread-safe. */
final class GroupSizes {
    private final int most;
    private double mean = 1;
    private double owed;

    /**
     * @param most no size is above it
     */
    GroupSizes(int most) {
        this.most = most;
    }

    /** What the next sizes are in the mean. */
    void setMean(double mean) {
        this.mean = mean;
    }

    /** From 1 to the most. */
    int next() {
        owed += mean;
        int size = Math.max(1, Math.min(most, (int) Math.round(owed)));
        owed = Math.max(-1, Math.min(1, owed - size));
        return size;
    }
}
