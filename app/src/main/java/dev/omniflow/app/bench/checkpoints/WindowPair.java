package dev.omniflow.app.bench.checkpoints;

/**
 * Two windows in which sessions heard the same.
 *
 * @param without no checkpoint came
 * @param with checkpoints came
 */
record WindowPair(CpuUse without, CpuUse with) {
    /** What checkpoints cost, in percent of what the process takes without them. */
    double costPercent() {
        return 100 * (with.seconds() / without.seconds() - 1);
    }

    /** As {@link #costPercent}, of the job alone. */
    double jobCostPercent() {
        return 100 * (with.ofJob() / without.ofJob() - 1);
    }
}
