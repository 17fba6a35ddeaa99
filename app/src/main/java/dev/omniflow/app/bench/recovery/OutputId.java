package dev.omniflow.app.bench.recovery;

import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;

/** What an output is known by: a repeat has the same. */
record OutputId(String session, Stream stream, long sequence) {
    static OutputId of(OutputEvent output) {
        return new OutputId(output.getSession(), output.getStream(), output.getSequence());
    }

    @Override
    public String toString() {
        return "output " + sequence + " of stream " + stream + " of session " + session;
    }
}
