package dev.omniflow.app.caption;

import dev.omniflow.ingest.ChannelMode;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Urgency;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a file is to be captioned.
 *
 * @param models bundles that do it
 * @param language ISO 639-1 code; empty to detect it
 * @param prompt what it is about, or what came before; may be empty
 * @param vocabulary names and terms that may be said
 * @param channels what becomes of the file's channels
 * @param realtime whether it is fed at the pace at which it would be heard
 * @param routed whether rollouts choose the models, and those given are for want of any
 */
public record SessionSettings(
        SpeechModels models,
        Optional<String> language,
        String prompt,
        List<String> vocabulary,
        ChannelMode channels,
        boolean realtime,
        boolean routed) {
    /** With the models given. */
    public SessionSettings(
            SpeechModels models,
            Optional<String> language,
            String prompt,
            List<String> vocabulary,
            ChannelMode channels,
            boolean realtime) {
        this(models, language, prompt, vocabulary, channels, realtime, false);
    }

    public SessionSettings {
        vocabulary = List.copyOf(vocabulary);
    }

    /** The same, but told a language. */
    public SessionSettings withLanguage(Optional<String> other) {
        return new SessionSettings(models, other, prompt, vocabulary, channels, realtime);
    }

    /** The same, with the models that rollouts choose. */
    SessionSettings asRouted() {
        return new SessionSettings(models, language, prompt, vocabulary, channels, realtime, true);
    }

    /** What opens a session with these settings. */
    SessionStart start() {
        return SessionStart.newBuilder()
                .setProgram("captions")
                .setModels(routed ? Map.of() : models.byRole())
                .setLanguage(language.orElse(null))
                .setPrompt(prompt)
                .setVocabulary(vocabulary)
                // Nobody waits for the end of a file as for the words of somebody who speaks now.
                .setUrgency(realtime ? Urgency.LIVE : Urgency.BACKGROUND)
                .build();
    }
}
