package dev.omniflow.ingest.internal;

import dev.omniflow.ingest.MediaUnreadableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Finds words for a file that cannot be read, from what lies on the disk. */
final class UnreadableFiles {
    private static final int HEAD_BYTES = 4096;

    /** Writers into pipes put the greatest signed or unsigned size they can. */
    private static final long UNKNOWN_RIFF_SIZE = 0x7FFF_F000L;

    private UnreadableFiles() {}

    /** Throws if the file cannot be opened for a reason that has nothing to do with media. */
    static void check(Path file) throws MediaUnreadableException {
        if (Files.notExists(file)) {
            throw new MediaUnreadableException(file, "there is no such file", "check the path");
        }
        if (Files.isDirectory(file)) {
            throw new MediaUnreadableException(
                    file, "this is a directory", "name a media file inside it");
        }
        if (!Files.isReadable(file)) {
            throw new MediaUnreadableException(
                    file, "you may not read this file", "change its permissions (chmod +r)");
        }
        try {
            if (Files.isRegularFile(file) && Files.size(file) == 0) {
                throw new MediaUnreadableException(
                        file,
                        "the file is empty (0 bytes)",
                        "check the recording or the copy that made it");
            }
        } catch (MediaUnreadableException e) {
            throw e;
        } catch (IOException e) {
            throw new MediaUnreadableException(
                    file, "its size cannot be read (" + e.getMessage() + ")", "check the disk");
        }
    }

    /** Why FFmpeg may have refused the file with an error. */
    static MediaUnreadableException refused(Path file, int error) {
        byte[] head;
        try (InputStream in =
                Files.isRegularFile(file)
                        ? Files.newInputStream(file)
                        : InputStream.nullInputStream()) {
            head = in.readNBytes(HEAD_BYTES);
        } catch (IOException e) {
            return new MediaUnreadableException(
                    file, "it cannot be read (" + e.getMessage() + ")", "check the disk");
        }
        if (isText(head)) {
            return new MediaUnreadableException(
                    file, "this is text, not audio or video", "name a media file");
        }
        if (isMp4(head)) {
            return new MediaUnreadableException(
                    file,
                    "this MP4 is cut short: its index (moov) is missing",
                    "copy or record it again, or recover it with a repair tool");
        }
        return new MediaUnreadableException(
                file,
                "this is no audio or video that FFmpeg knows, or it is damaged ("
                        + LibAv.describe(error)
                        + ")",
                "check that it plays, or convert it to WAV");
    }

    /**
     * How many bytes a RIFF file (WAV, AVI) says that it has; empty for other files, and for those
     * whose writer did not know. FFmpeg takes the length from what is there, and so does not tell.
     */
    static OptionalLong declaredBytes(Path file) throws MediaUnreadableException {
        if (!Files.isRegularFile(file)) {
            return OptionalLong.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(8);
            if (head.length < 8
                    || !new String(head, 0, 4, StandardCharsets.ISO_8859_1).equals("RIFF")) {
                return OptionalLong.empty();
            }
            long size =
                    ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xFFFF_FFFFL;
            return size == 0 || size >= UNKNOWN_RIFF_SIZE
                    ? OptionalLong.empty()
                    : OptionalLong.of(size + 8);
        } catch (IOException e) {
            throw new MediaUnreadableException(
                    file, "it cannot be read (" + e.getMessage() + ")", "check the disk");
        }
    }

    private static boolean isMp4(byte[] head) {
        return head.length >= 8
                && new String(head, 4, 4, StandardCharsets.ISO_8859_1).equals("ftyp");
    }

    private static boolean isText(byte[] head) {
        for (byte b : head) {
            boolean control = b >= 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t';
            if (control || b == 0x7f) {
                return false;
            }
        }
        // The head may end inside a character: that is no error unless the file ends there too.
        return head.length > 0
                && !StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(
                                ByteBuffer.wrap(head),
                                CharBuffer.allocate(head.length),
                                head.length < HEAD_BYTES)
                        .isError();
    }
}
