package dev.omniflow.app;

import java.nio.file.Path;

/**
 * System properties by which libraries learn where to keep what they keep, and what they may do. To
 * be set before the first of their classes is loaded, in every process; what was set on the command
 * line stays.
 */
public final class LibrarySettings {
    private LibrarySettings() {}

    /** Sets them for this process. */
    public static void apply(OmniflowHome home) {
        // Avro instantiates generated classes only of packages that somebody vouched for.
        set(
                "org.apache.avro.SERIALIZABLE_PACKAGES",
                "dev.omniflow.schemas,dev.omniflow.speech.state");
        Path natives = home.nativeLibraries();
        set("org.bytedeco.javacpp.cachedir", natives.resolve("javacpp").toString());
        // Its limit counts the memory of the whole process, most of which is not FFmpeg's.
        set("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        set("DJL_CACHE_DIR", natives.resolve("djl").toString());
        set("ENGINE_CACHE_DIR", natives.resolve("djl").toString());
        set("ai.djl.offline", "true");
        set("OPT_OUT_TRACKING", "true");
    }

    static void set(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
