package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The recording that the demo brings; the launcher has fetched it. */
final class DemoRecording {
    private static final String PREFIX = "demo.";

    private DemoRecording() {}

    /** Its file. */
    static Path find(OmniflowHome home) throws CommandException {
        Optional<Path> file = Optional.empty();
        if (Files.isDirectory(home.media())) {
            try (Stream<Path> entries = Files.list(home.media())) {
                file =
                        entries.filter(entry -> entry.getFileName().toString().startsWith(PREFIX))
                                .sorted()
                                .findFirst();
            } catch (IOException e) {
                throw CommandException.failure(
                        "cannot read the folder " + home.media() + ": " + e.getMessage(), e);
            }
        }
        return file.orElseThrow(
                () ->
                        CommandException.missing(
                                "the demo's recording is not in "
                                        + home.media()
                                        + ": start the demo by ./omniflow demo, which fetches it,"
                                        + " or name a recording with --media"));
    }
}
