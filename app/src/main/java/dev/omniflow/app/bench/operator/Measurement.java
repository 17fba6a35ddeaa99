package dev.omniflow.app.bench.operator;

/**
 * What one way of running a graph did.
 *
 * @param calls graph calls of sessions
 * @param nanos how long all of them took together
 * @param runs runs of the graph in which the calls shared batches
 * @param busyNanos time that runs took, added up over the threads; 0 where it is not measured
 */
record Measurement(long calls, long nanos, long runs, long busyNanos) {
    static final Measurement NONE = new Measurement(0, 0, 0, 0);

    Measurement plus(Measurement other) {
        return new Measurement(
                calls + other.calls,
                nanos + other.nanos,
                runs + other.runs,
                busyNanos + other.busyNanos);
    }

    double callsPerSecond() {
        return calls * 1e9 / nanos;
    }

    double meanBatch() {
        return (double) calls / runs;
    }

    /** How long a run took, in milliseconds. */
    double runMillis() {
        return busyNanos / 1e6 / runs;
    }

    /** The share of the threads' time that went into runs. */
    double busy(int threads) {
        return (double) busyNanos / nanos / threads;
    }
}
