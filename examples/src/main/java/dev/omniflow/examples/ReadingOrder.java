package dev.omniflow.examples;

import dev.omniflow.flink.InputOrder;

/** Readings are numbered by their sensors, each of which has one writer: itself. */
public final class ReadingOrder implements InputOrder<Reading> {
    private static final long serialVersionUID = 1;

    @Override
    public long sequence(Reading reading) {
        return reading.sequence();
    }

    @Override
    public int epoch(Reading reading) {
        return 0;
    }
}
