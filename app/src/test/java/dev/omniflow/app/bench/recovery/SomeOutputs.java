package dev.omniflow.app.bench.recovery;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;

/** Outputs of sessions that never were. */
final class SomeOutputs {
    private SomeOutputs() {}

    static OutputEvent caption(String session, long sequence, String text) {
        return emitted(session, sequence, text, 1);
    }

    static OutputEvent emitted(String session, long sequence, String text, long emittedTimeUs) {
        return OutputEvent.newBuilder()
                .setSession(session)
                .setStream(Stream.CAPTIONS)
                .setSequence(sequence)
                .setStartUs(sequence * 1000)
                .setEndUs(sequence * 1000 + 500)
                .setEmittedTimeUs(emittedTimeUs)
                .setPayload(
                        Caption.newBuilder()
                                .setFinality(Finality.FINAL)
                                .setUtterance(sequence)
                                .setText(text)
                                .setLanguage("en")
                                .setConfidence(1)
                                .build())
                .build();
    }
}
