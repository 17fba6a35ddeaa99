package dev.omniflow.sinks.captions.internal;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.OutputEvent;

/** A caption as a line of plain text. */
public final class TextLine implements LineWriter.Line {
    private final boolean labelled;

    /**
     * @param channels channels of the session; with more than one, lines are labelled
     */
    public TextLine(int channels) {
        labelled = channels > 1;
    }

    @Override
    public String of(OutputEvent event, Caption caption) {
        String text = Atoms.normalise(caption.getText());
        if (text.isEmpty()) {
            return "";
        }
        return (labelled ? "[" + Output.label(caption.getChannel()) + "] " : "") + text + "\n";
    }
}
