package dev.omniflow.app;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * The folder that holds everything Omniflow keeps: {@code bundles}, {@code media}, {@code run},
 * {@code logs}, {@code native}. The launcher decides it and hands it on in {@code OMNIFLOW_HOME};
 * the same rule stands here for a JVM that was started without the launcher, as an IDE does.
 *
 * @param root the folder; it need not exist
 */
public record OmniflowHome(Path root) {
    public OmniflowHome {
        root = root.toAbsolutePath().normalize();
    }

    /** The home of this process. */
    public static OmniflowHome current() {
        return of(
                System.getenv(),
                System.getProperty("os.name", ""),
                Path.of(System.getProperty("user.home", ".")));
    }

    /**
     * {@code $OMNIFLOW_HOME}, else the platform's cache folder: {@code $XDG_CACHE_HOME/omniflow},
     * {@code ~/.cache/omniflow}, or {@code ~/Library/Caches/omniflow} on macOS.
     */
    static OmniflowHome of(Map<String, String> environment, String osName, Path userHome) {
        String explicit = environment.getOrDefault("OMNIFLOW_HOME", "");
        if (!explicit.isBlank()) {
            return new OmniflowHome(Path.of(explicit));
        }
        if (osName.toLowerCase(Locale.ROOT).startsWith("mac")) {
            return new OmniflowHome(userHome.resolve("Library/Caches/omniflow"));
        }
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = cache.isBlank() ? userHome.resolve(".cache") : Path.of(cache);
        return new OmniflowHome(caches.resolve("omniflow"));
    }

    /** Model bundles, each in {@code <name>/<version>/}. */
    public Path bundles() {
        return root.resolve("bundles");
    }

    /** Recordings that the demo brings. */
    public Path media() {
        return root.resolve("media");
    }

    /** Data of the runtimes that are running now, a folder for each. */
    public Path run() {
        return root.resolve("run");
    }

    /** Log files, the newest few. */
    public Path logs() {
        return root.resolve("logs");
    }

    /** Native libraries unpacked from jars. */
    public Path nativeLibraries() {
        return root.resolve("native");
    }
}
