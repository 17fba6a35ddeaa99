package dev.omniflow.app.bench.operator;

/** Counts runs of a graph while it is told to. Thread-safe. */
final class RunCounter {
    private boolean counting;
    private long runs;
    private long calls;
    private long nanos;

    /** Counts from here on, from zero. */
    synchronized void start() {
        counting = true;
        runs = 0;
        calls = 0;
        nanos = 0;
    }

    synchronized void ran(int batch, long took) {
        if (counting) {
            runs++;
            calls += batch;
            nanos += took;
        }
    }

    /** Counts no more; what was counted in a time of that length. */
    synchronized Measurement stop(long wallNanos) {
        counting = false;
        return new Measurement(calls, wallNanos, runs, nanos);
    }
}
