package dev.omniflow.jobs.internal;

import dev.omniflow.schemas.OutputEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.flink.api.common.functions.MapFunction;

/** Writes into outputs when they are emitted: programs have no clock. Nothing decides by it. */
public final class EmissionStamp implements MapFunction<OutputEvent, OutputEvent> {
    private static final long serialVersionUID = 1;

    @Override
    public OutputEvent map(OutputEvent output) {
        output.setEmittedTimeUs(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
        return output;
    }
}
