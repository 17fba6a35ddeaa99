package dev.omniflow.app.bench.operator;

import java.time.Duration;

/** A way of running a graph for a number of sessions. Used by one thread. */
interface Way extends AutoCloseable {
    /**
     * Every session makes its calls, one after another; what they need first is not timed.
     *
     * @throws BenchException if a call failed, or its result is another than in the other ways
     */
    Measurement round() throws BenchException, InterruptedException;

    /** Rounds until that much time was measured; at least one. */
    default Measurement measure(Duration time) throws BenchException, InterruptedException {
        Measurement sum = Measurement.NONE;
        do {
            sum = sum.plus(round());
        } while (sum.nanos() < time.toNanos());
        return sum;
    }

    @Override
    void close();
}
