package dev.omniflow.speech.captions;

import dev.omniflow.speech.endpointing.EndpointingOptions;
import java.util.Objects;

/**
 * Defaults of captions sessions.
 *
 * @param endpointing how utterances are cut, unless a session's start says otherwise
 * @param maxQueuedUtterances utterances that may wait to be recognised before the session takes no
 *     more input
 */
public record CaptionsOptions(EndpointingOptions endpointing, int maxQueuedUtterances) {
    public CaptionsOptions {
        Objects.requireNonNull(endpointing, "endpointing");
        if (maxQueuedUtterances < 1) {
            throw new IllegalArgumentException(
                    "maxQueuedUtterances is " + maxQueuedUtterances + ", not >= 1");
        }
    }

    /** Live endpointing, two utterances waiting. */
    public static CaptionsOptions defaults() {
        return new CaptionsOptions(EndpointingOptions.live(), 2);
    }
}
