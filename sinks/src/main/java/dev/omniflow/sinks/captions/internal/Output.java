package dev.omniflow.sinks.captions.internal;

import java.io.Flushable;
import java.io.IOException;

/** Something to write to, which is flushed if it can be. */
final class Output {
    private final Appendable out;
    private boolean dirty;

    Output(Appendable out) {
        this.out = out;
    }

    void write(CharSequence text) throws IOException {
        out.append(text);
        dirty = true;
    }

    void flush() throws IOException {
        if (dirty && out instanceof Flushable flushable) {
            flushable.flush();
        }
        dirty = false;
    }

    /** The label of a channel, for people. */
    static String label(int channel) {
        return "Channel " + (channel + 1);
    }
}
