package dev.omniflow.sinks.captions.internal;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.OutputEvent;

/** Tells final captions from other outputs. */
public final class FinalCaptions {
    private FinalCaptions() {}

    /**
     * The caption that an output holds.
     *
     * @throws IllegalArgumentException if it holds no final caption
     */
    public static Caption of(OutputEvent event) {
        if (event.getPayload() instanceof Caption caption
                && caption.getFinality() == Finality.FINAL) {
            return caption;
        }
        throw new IllegalArgumentException(
                "expected a final caption, but output "
                        + event.getSequence()
                        + " of stream "
                        + event.getStream()
                        + " of session "
                        + event.getSession()
                        + " is a "
                        + event.getPayload().getClass().getSimpleName());
    }
}
