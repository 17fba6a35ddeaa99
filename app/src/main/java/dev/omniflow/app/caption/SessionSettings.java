package dev.omniflow.app.caption;

import dev.omniflow.ingest.ChannelMode;
import dev.omniflow.schemas.SessionStart;
import java.util.List;
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
 */
public record SessionSettings(
        SpeechModels models,
        Optional<String> language,
        String prompt,
        List<String> vocabulary,
        ChannelMode channels,
        boolean realtime) {
    public SessionSettings {
        vocabulary = List.copyOf(vocabulary);
    }

    /** The same, but told a language. */
    public SessionSettings withLanguage(Optional<String> other) {
        return new SessionSettings(models, other, prompt, vocabulary, channels, realtime);
    }

    /** What opens a session with these settings. */
    SessionStart start() {
        return SessionStart.newBuilder()
                .setProgram("captions")
                .setModels(models.byRole())
                .setLanguage(language.orElse(null))
                .setPrompt(prompt)
                .setVocabulary(vocabulary)
                .build();
    }
}
