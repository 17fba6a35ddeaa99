package dev.omniflow.sinks.captions.internal;

import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.sinks.captions.CaptionWriter;
import dev.omniflow.sinks.captions.Cue;
import dev.omniflow.sinks.captions.CueLayout;
import dev.omniflow.sinks.captions.CueLayoutOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes captions as cues, in the order of their begin. */
public final class CueWriter implements CaptionWriter {
    /** How a format writes one cue, with the blank line after it. */
    private interface Block {
        String of(Cue cue, long number, boolean labelled);
    }

    private final Output out;
    private final String header;
    private final Block block;
    private final boolean labelled;
    private final CueLayout layout;
    private final StartOrder<Cue> order;
    private boolean begun;
    private long cues;

    private CueWriter(
            Appendable out, int channels, CueLayoutOptions options, String header, Block block) {
        this.out = new Output(out);
        this.header = header;
        this.block = block;
        this.labelled = channels > 1;
        this.layout = new CueLayout(options);
        this.order = new StartOrder<>(channels);
    }

    /** A writer of WebVTT. */
    public static CaptionWriter vtt(Appendable out, int channels, CueLayoutOptions options) {
        return new CueWriter(out, channels, options, "WEBVTT\n\n", CueWriter::vttBlock);
    }

    /** A writer of SubRip. */
    public static CaptionWriter srt(Appendable out, int channels, CueLayoutOptions options) {
        int label = channels > 1 ? TextWidth.of(srtLabel(channels - 1)) : 0;
        return new CueWriter(
                out, channels, options.withFirstLineReserved(label), "", CueWriter::srtBlock);
    }

    @Override
    public void write(OutputEvent event) throws IOException {
        FinalCaptions.of(event);
        writeAll(ordered(layout.add(event)));
    }

    @Override
    public void finish() throws IOException {
        List<Cue> rest = ordered(layout.finish());
        rest.addAll(order.finish());
        writeAll(rest);
    }

    private List<Cue> ordered(List<Cue> finished) {
        List<Cue> ready = new ArrayList<>();
        for (Cue cue : finished) {
            ready.addAll(order.add(cue.channel(), cue.startUs(), cue));
        }
        return ready;
    }

    private void writeAll(List<Cue> ready) throws IOException {
        if (!begun) {
            out.write(header);
            begun = true;
        }
        for (Cue cue : ready) {
            out.write(block.of(cue, ++cues, labelled));
        }
        out.flush();
    }

    private static String vttBlock(Cue cue, long number, boolean labelled) {
        StringBuilder text = new StringBuilder();
        text.append(time(cue.startUs(), '.')).append(" --> ").append(time(cue.endUs(), '.'));
        text.append('\n');
        if (labelled) {
            text.append("<v ").append(Output.label(cue.channel())).append('>');
        }
        for (String line : cue.lines()) {
            text.append(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
            text.append('\n');
        }
        return text.append('\n').toString();
    }

    private static String srtBlock(Cue cue, long number, boolean labelled) {
        StringBuilder text = new StringBuilder();
        text.append(number).append('\n');
        text.append(time(cue.startUs(), ',')).append(" --> ").append(time(cue.endUs(), ','));
        text.append('\n');
        if (labelled) {
            text.append(srtLabel(cue.channel()));
        }
        for (String line : cue.lines()) {
            // SubRip has no escapes, and its readers look for this arrow anywhere.
            text.append(line.replace("-->", "→")).append('\n');
        }
        return text.append('\n').toString();
    }

    private static String srtLabel(int channel) {
        return "[" + Output.label(channel) + "] ";
    }

    private static String time(long us, char point) {
        long ms = us / 1000;
        return String.format(
                Locale.ROOT,
                "%02d:%02d:%02d%c%03d",
                ms / 3_600_000,
                ms / 60_000 % 60,
                ms / 1000 % 60,
                point,
                ms % 1000);
    }
}
