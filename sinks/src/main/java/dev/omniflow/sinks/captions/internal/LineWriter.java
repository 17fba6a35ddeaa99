package dev.omniflow.sinks.captions.internal;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.sinks.captions.CaptionWriter;
import java.io.IOException;
import java.util.List;

/** Writes one line for each caption, in the order of their begin. */
public final class LineWriter implements CaptionWriter {
    /** One caption as a line. */
    interface Line {
        /** The line, with its line feed; empty for none. */
        String of(OutputEvent event, Caption caption) throws IOException;
    }

    private final Output out;
    private final Line line;
    private final StartOrder<OutputEvent> order;

    /**
     * @param out where to
     * @param channels channels of the session
     * @param line how a caption becomes a line
     */
    public LineWriter(Appendable out, int channels, Line line) {
        this.out = new Output(out);
        this.line = line;
        this.order = new StartOrder<>(channels);
    }

    @Override
    public void write(OutputEvent event) throws IOException {
        int channel = FinalCaptions.of(event).getChannel();
        writeAll(order.add(channel, event.getStartUs(), event));
    }

    @Override
    public void finish() throws IOException {
        writeAll(order.finish());
    }

    private void writeAll(List<OutputEvent> events) throws IOException {
        for (OutputEvent event : events) {
            out.write(line.of(event, FinalCaptions.of(event)));
        }
        out.flush();
    }
}
