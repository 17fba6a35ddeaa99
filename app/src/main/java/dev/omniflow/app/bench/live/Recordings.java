package dev.omniflow.app.bench.live;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The speech that sessions hear. */
public final class Recordings {
    private Recordings() {}

    /** The demo's recording. */
    public static Path speech(OmniflowHome home) throws CommandException {
        Optional<Path> found = Optional.empty();
        if (Files.isDirectory(home.media())) {
            try (Stream<Path> files = Files.list(home.media())) {
                found =
                        files.filter(file -> file.getFileName().toString().startsWith("demo."))
                                .findFirst();
            } catch (IOException e) {
                throw CommandException.failure("cannot read the folder " + home.media(), e);
            }
        }
        return found.orElseThrow(
                () ->
                        CommandException.missing(
                                "the demo's recording is not in "
                                        + home.media()
                                        + "; fetch it with: omniflow demo"));
    }
}
