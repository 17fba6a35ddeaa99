package dev.omniflow.onnx;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** The bundles that {@code ./omniflow models make} made. */
final class MadeBundles {
    private MadeBundles() {}

    /** The bundle of that name; fails where it is not made. */
    static Bundle bundle(String name) throws IOException, BundleException {
        Path versions = home().resolve("bundles").resolve(name);
        if (!Files.isDirectory(versions)) {
            throw new AssertionError(
                    "no bundle " + name + " in " + home() + ": run ./omniflow models make");
        }
        try (Stream<Path> made = Files.list(versions)) {
            Path newest =
                    made.filter(version -> Files.exists(version.resolve("bundle.yaml")))
                            .max(Comparator.naturalOrder())
                            .orElseThrow(
                                    () ->
                                            new AssertionError(
                                                    "no bundle in "
                                                            + versions
                                                            + ": run ./omniflow models make"));
            return BundleReader.read(newest);
        }
    }

    private static Path home() {
        Map<String, String> environment = System.getenv();
        String home = environment.getOrDefault("OMNIFLOW_HOME", "");
        if (!home.isEmpty()) {
            return Path.of(home);
        }
        String user = System.getProperty("user.home");
        String caches = environment.getOrDefault("XDG_CACHE_HOME", user + "/.cache");
        return Path.of(caches, "omniflow");
    }
}
