package dev.omniflow.app.caption;

import dev.omniflow.app.OmniflowHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes descriptions of bundles, without graphs: enough for what is decided before a start. */
final class Bundles {
    private Bundles() {}

    /** A home with the bundles that the commands know. */
    static OmniflowHome home(Path root) throws IOException {
        OmniflowHome home = new OmniflowHome(root);
        make(home, "silero-vad", "1.0.0", "voice-activity", "{}");
        make(home, "whisper-base", "1.0.0", "speech-recognition", "{en: 1, fr: 2, es: 3}");
        make(home, "whisper-tiny.en", "1.0.0", "speech-recognition", "{}");
        return home;
    }

    static Path make(OmniflowHome home, String name, String version, String kind, String languages)
            throws IOException {
        Path folder = Files.createDirectories(home.bundles().resolve(name).resolve(version));
        Files.writeString(
                folder.resolve("bundle.yaml"),
                String.join(
                        "\n",
                        "schema: 1",
                        "name: " + name,
                        "version: " + version,
                        "kind: " + kind,
                        "graphs: {}",
                        "parameters: {languages: " + languages + "}"));
        return folder;
    }
}
