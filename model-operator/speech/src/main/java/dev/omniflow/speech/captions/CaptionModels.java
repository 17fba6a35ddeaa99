package dev.omniflow.speech.captions;

import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.speech.whisper.WhisperModel;

/**
 * The models of one session, leased from those that are loaded. Confined to the session's thread.
 */
final class CaptionModels implements AutoCloseable {
    private final LoadedBundles<SpeechModel>.Lease voiceActivityLease;
    private final LoadedBundles<SpeechModel>.Lease recognitionLease;
    private final GraphRef voiceActivity;
    private final WhisperModel recognition;

    private CaptionModels(
            LoadedBundles<SpeechModel>.Lease voiceActivityLease,
            LoadedBundles<SpeechModel>.Lease recognitionLease,
            GraphRef voiceActivity,
            WhisperModel recognition) {
        this.voiceActivityLease = voiceActivityLease;
        this.recognitionLease = recognitionLease;
        this.voiceActivity = voiceActivity;
        this.recognition = recognition;
    }

    /** The models that a session names; loads those that are not. */
    static CaptionModels lease(SessionStart start, LoadedBundles<SpeechModel> bundles)
            throws SessionRefusedException {
        LoadedBundles<SpeechModel>.Lease activity =
                lease(SpeechModel.VOICE_ACTIVITY, start, bundles);
        LoadedBundles<SpeechModel>.Lease recogniser;
        try {
            recogniser = lease(SpeechModel.SPEECH_RECOGNITION, start, bundles);
        } catch (SessionRefusedException | RuntimeException e) {
            activity.close();
            throw e;
        }
        if (activity.model() instanceof SpeechModel.Activity silence
                && recogniser.model() instanceof SpeechModel.Recognition words) {
            return new CaptionModels(activity, recogniser, silence.graph(), words.whisper());
        }
        activity.close();
        recogniser.close();
        throw new SessionRefusedException(
                "unknown-model",
                "expected a bundle of each kind, but "
                        + activity.id()
                        + " is for "
                        + activity.model().kind()
                        + " and "
                        + recogniser.id()
                        + " for "
                        + recogniser.model().kind());
    }

    private static LoadedBundles<SpeechModel>.Lease lease(
            String role, SessionStart start, LoadedBundles<SpeechModel> bundles)
            throws SessionRefusedException {
        String wanted = start.getModels().get(role);
        if (wanted == null) {
            throw new SessionRefusedException(
                    "unknown-model", "the session names no model for the role " + role);
        }
        try {
            return bundles.acquire(BundleId.parse(wanted));
        } catch (BundleException | IllegalArgumentException e) {
            throw new SessionRefusedException(
                    "unknown-model", "no model for the role " + role + ": " + e.getMessage());
        }
    }

    /** Graph of the voice activity model. */
    GraphRef voiceActivity() {
        return voiceActivity;
    }

    /** The recogniser. */
    WhisperModel recognition() {
        return recognition;
    }

    /** As outputs name them. */
    String label() {
        return voiceActivityLease.id() + " " + recognitionLease.id();
    }

    /** Gives the bundles back. */
    @Override
    public void close() {
        voiceActivityLease.close();
        recognitionLease.close();
    }
}
