package dev.omniflow.speech.captions;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.speech.endpointing.VoiceActivity;
import dev.omniflow.speech.whisper.WhisperModel;

/** What captions know of a bundle, by its kind. Immutable. */
public sealed interface SpeechModel {
    /** Role of the recogniser in a session's models, and kind of its bundle. */
    String SPEECH_RECOGNITION = "speech-recognition";

    /** Role of the voice activity model in a session's models, and kind of its bundle. */
    String VOICE_ACTIVITY = "voice-activity";

    /** Kind of the bundle, and the role that it can have in a session. */
    String kind();

    /** Recognises speech. */
    record Recognition(WhisperModel whisper) implements SpeechModel {
        @Override
        public String kind() {
            return SPEECH_RECOGNITION;
        }
    }

    /** Tells speech from other sound. */
    record Activity(GraphRef graph) implements SpeechModel {
        @Override
        public String kind() {
            return VOICE_ACTIVITY;
        }
    }

    /** Reads a bundle. */
    static SpeechModel of(Bundle bundle) throws BundleException {
        return switch (bundle.kind()) {
            case SPEECH_RECOGNITION -> new Recognition(WhisperModel.of(bundle));
            case VOICE_ACTIVITY -> new Activity(VoiceActivity.graphOf(bundle));
            default ->
                    throw new BundleException(
                            "bundle "
                                    + bundle.id()
                                    + " is of kind "
                                    + bundle.kind()
                                    + ", but captions need "
                                    + SPEECH_RECOGNITION
                                    + " and "
                                    + VOICE_ACTIVITY);
        };
    }
}
