package dev.omniflow.ingest.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.global.avutil;

/** Loads FFmpeg once for the process and puts its errors into words. Thread-safe. */
final class LibAv {
    static {
        // JavaCPP counts the whole process against a limit of its own and fails allocations when
        // others, model weights above all, take more. What we allocate is bounded and freed here.
        String limit = "org.bytedeco.javacpp.maxPhysicalBytes";
        if (System.getProperty(limit) == null) {
            System.setProperty(limit, "0");
        }
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    }

    private LibAv() {}

    /** Makes sure that FFmpeg is loaded and does not write to stderr. */
    static void load() {
        // The static initialiser did it.
    }

    /** FFmpeg's words for an error code, lower case, without a full stop. */
    static String describe(int error) {
        byte[] text = new byte[128];
        avutil.av_strerror(error, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        String words =
                StandardCharsets.UTF_8.decode(ByteBuffer.wrap(text, 0, end)).toString().strip();
        return words.isEmpty()
                ? "error " + error
                : Character.toLowerCase(words.charAt(0)) + words.substring(1);
    }

    /**
     * Throws if a call failed that only fails for lack of memory or by a mistake in this code.
     *
     * @param result what the call returned
     * @param call its name
     */
    static int check(int result, String call) {
        if (result < 0) {
            throw new IllegalStateException(call + " failed: " + describe(result));
        }
        return result;
    }
}
