package dev.omniflow.speech.captions;

import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.core.session.SessionProgramFactory;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.speech.endpointing.EndpointingOptions;
import dev.omniflow.speech.features.LogMel;
import dev.omniflow.speech.whisper.WhisperModel;
import java.util.List;
import java.util.Optional;

/**
 * Makes captions programs over bundles that are loaded when sessions need them.
 *
 * <p>Thread-safe. Its programs of one thread share that thread's scratch memory.
 */
public final class CaptionsProgramFactory
        implements SessionProgramFactory<MediaEvent, OutputEvent> {
    /** Name of the program in a session's start. */
    public static final String PROGRAM = "captions";

    private static final int LONGEST_PAUSE_MS = 5_000;
    private static final int SHORTEST_PAUSE_MS = 100;

    private final CaptionsOptions options;
    private final LoadedBundles<SpeechModel> bundles;
    private final ThreadLocal<LogMel> logMel = ThreadLocal.withInitial(LogMel::new);

    /** Over bundles of a runtime. */
    public CaptionsProgramFactory(CaptionsOptions options, LoadedBundles<SpeechModel> bundles) {
        this.options = options;
        this.bundles = bundles;
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

    /** The models that a session names, for it to close. */
    CaptionModels models(SessionStart start) throws SessionRefusedException {
        if (!start.getProgram().equals(PROGRAM)) {
            throw new SessionRefusedException(
                    "unknown-program",
                    "expected the program '" + PROGRAM + "', not '" + start.getProgram() + "'");
        }
        CaptionModels models = CaptionModels.lease(start, bundles);
        String language = start.getLanguage();
        if (language != null && !isSpoken(models.recognition(), language)) {
            models.close();
            throw new SessionRefusedException(
                    "unknown-language",
                    "bundle "
                            + models.recognition().bundle().id()
                            + " does not know the language '"
                            + language
                            + "'");
        }
        return models;
    }

    private static boolean isSpoken(WhisperModel recogniser, String language) {
        return recogniser.languages().isEmpty()
                ? language.equals("en")
                : recogniser.languages().containsKey(language);
    }
}
