package dev.omniflow.speech.captions;

import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.speech.whisper.WhisperModel;
import java.util.Objects;

/**
 * The models of one session, resolved and loaded.
 *
 * @param voiceActivity graph of the voice activity model
 * @param recognition the recogniser
 */
public record CaptionModels(GraphRef voiceActivity, WhisperModel recognition) {
    public CaptionModels {
        Objects.requireNonNull(voiceActivity, "voiceActivity");
        Objects.requireNonNull(recognition, "recognition");
    }

    /** As outputs name them. */
    String label() {
        return voiceActivity.bundle() + " " + recognition.bundle().id();
    }
}
