package dev.omniflow.sinks.captions;

import dev.omniflow.sinks.captions.internal.CueWriter;
import dev.omniflow.sinks.captions.internal.JsonLine;
import dev.omniflow.sinks.captions.internal.LineWriter;
import dev.omniflow.sinks.captions.internal.TextLine;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The formats that captions are written in. */
public enum CaptionFormat {
    /** WebVTT: cues; channels as voices. */
    VTT,
    /** SubRip: numbered cues; channels as a label before the text. */
    SRT,
    /**
     * JSON lines, one object for each caption, with the keys {@code utterance}, {@code channel},
     * {@code start} and {@code end} (seconds of media time), {@code text}, {@code language}, {@code
     * confidence} (0 to 1), {@code words} (each with {@code text}, {@code start}, {@code end},
     * {@code confidence}) and {@code speaker} (null where speakers are not told apart).
     */
    JSONL,
    /** Plain text, one line for each caption; channels as a label before the text. */
    TXT;

    /** Its name on the command line, which is also the extension of its files. */
    public String extension() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The format of a name as {@link #extension} gives it, in any case. */
    public static Optional<CaptionFormat> of(String name) {
        return Arrays.stream(values())
                .filter(format -> format.extension().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    /**
     * A writer for one session, by the default layout.
     *
     * @param out where to; stays the caller's, and is flushed if it can be
     * @param channels channels of the session; with more than one, captions are labelled
     */
    public CaptionWriter writer(Appendable out, int channels) {
        return writer(out, channels, CueLayoutOptions.DEFAULT);
    }

    /**
     * A writer for one session.
     *
     * @param out where to; stays the caller's, and is flushed if it can be
     * @param channels channels of the session; with more than one, captions are labelled
     * @param layout how cues are laid out, in the formats that have cues
     */
    public CaptionWriter writer(Appendable out, int channels, CueLayoutOptions layout) {
        return switch (this) {
            case VTT -> CueWriter.vtt(out, channels, layout);
            case SRT -> CueWriter.srt(out, channels, layout);
            case JSONL -> new LineWriter(out, channels, new JsonLine());
            case TXT -> new LineWriter(out, channels, new TextLine(channels));
        };
    }
}
