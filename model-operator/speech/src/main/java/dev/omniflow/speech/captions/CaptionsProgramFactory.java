package dev.omniflow.speech.captions;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.core.session.SessionProgramFactory;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.speech.endpointing.EndpointingOptions;
import dev.omniflow.speech.endpointing.VoiceActivity;
import dev.omniflow.speech.features.LogMel;
import dev.omniflow.speech.whisper.WhisperModel;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes captions programs over a set of loaded bundles.
 *
 * <p>Thread-safe. Its programs of one thread share that thread's scratch memory.
 */
public final class CaptionsProgramFactory
        implements SessionProgramFactory<MediaEvent, OutputEvent> {
    /** Name of the program in a session's start. */
    public static final String PROGRAM = "captions";

    /** Role of the recogniser in a session's models, and kind of its bundle. */
    public static final String SPEECH_RECOGNITION = "speech-recognition";

    /** Role of the voice activity model in a session's models, and kind of its bundle. */
    public static final String VOICE_ACTIVITY = "voice-activity";

    private static final int LONGEST_PAUSE_MS = 5_000;
    private static final int SHORTEST_PAUSE_MS = 100;

    private final CaptionsOptions options;
    private final Map<BundleId, GraphRef> voiceActivity = new TreeMap<>();
    private final Map<BundleId, WhisperModel> recognition = new TreeMap<>();
    private final ThreadLocal<LogMel> logMel = ThreadLocal.withInitial(LogMel::new);

    /** Over bundles that the runtime has loaded. */
    public CaptionsProgramFactory(CaptionsOptions options, Collection<Bundle> bundles)
            throws BundleException {
        this.options = options;
        for (Bundle bundle : bundles) {
            switch (bundle.kind()) {
                case SPEECH_RECOGNITION -> recognition.put(bundle.id(), WhisperModel.of(bundle));
                case VOICE_ACTIVITY ->
                        voiceActivity.put(bundle.id(), VoiceActivity.graphOf(bundle));
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
            }
        }
    }

    @Override
    public SessionProgram<MediaEvent> create(
            SessionContext<OutputEvent> context,
            Optional<byte[]> snapshot,
            List<IndexedInput<MediaEvent>> retained) {
        CaptionsProgram program = new CaptionsProgram(context, this, logMel.get());
        snapshot.ifPresent(bytes -> program.restore(CaptionsStateCodec.decode(bytes), retained));
        return program;
    }

    CaptionsOptions options() {
        return options;
    }

    /** How this session's utterances are cut. */
    EndpointingOptions endpointing(SessionStart start) throws SessionRefusedException {
        int pauseMs = start.getEndOfUtteranceMs();
        if (pauseMs == 0) {
            return options.endpointing();
        }
        if (pauseMs < SHORTEST_PAUSE_MS || pauseMs > LONGEST_PAUSE_MS) {
            throw new SessionRefusedException(
                    "bad-option",
                    "expected endOfUtteranceMs of "
                            + SHORTEST_PAUSE_MS
                            + " to "
                            + LONGEST_PAUSE_MS
                            + ", or 0, not "
                            + pauseMs);
        }
        return EndpointingOptions.withPause(pauseMs);
    }

    /** The models that a session names. */
    CaptionModels models(SessionStart start) throws SessionRefusedException {
        if (!start.getProgram().equals(PROGRAM)) {
            throw new SessionRefusedException(
                    "unknown-program",
                    "expected the program '" + PROGRAM + "', not '" + start.getProgram() + "'");
        }
        WhisperModel recogniser = find(SPEECH_RECOGNITION, recognition, start);
        String language = start.getLanguage();
        if (language != null && !isSpoken(recogniser, language)) {
            throw new SessionRefusedException(
                    "unknown-language",
                    "bundle "
                            + recogniser.bundle().id()
                            + " does not know the language '"
                            + language
                            + "'");
        }
        return new CaptionModels(find(VOICE_ACTIVITY, voiceActivity, start), recogniser);
    }

    private static boolean isSpoken(WhisperModel recogniser, String language) {
        return recogniser.languages().isEmpty()
                ? language.equals("en")
                : recogniser.languages().containsKey(language);
    }

    private static <T> T find(String role, Map<BundleId, T> loaded, SessionStart start)
            throws SessionRefusedException {
        String wanted = start.getModels().get(role);
        if (wanted == null) {
            throw new SessionRefusedException(
                    "unknown-model", "the session names no model for the role " + role);
        }
        for (Map.Entry<BundleId, T> candidate : loaded.entrySet()) {
            if (candidate.getKey().toString().equals(wanted)) {
                return candidate.getValue();
            }
        }
        throw new SessionRefusedException(
                "unknown-model",
                "no bundle "
                        + wanted
                        + " is loaded for "
                        + role
                        + "; loaded are "
                        + loaded.keySet());
    }
}
