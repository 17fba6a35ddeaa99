package dev.omniflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person reads who names a file that gives no audio. */
class BadInputTest {
    @TempDir Path folder;

    @Test
    void absentFile() {
        assertRefused(folder.resolve("no.wav"), "there is no such file; check the path");
    }

    @Test
    void directory() {
        assertRefused(folder, "this is a directory; name a media file inside it");
    }

    @Test
    void fileThatMayNotBeRead() throws IOException {
        Path file = Wav.write(folder.resolve("secret.wav"), 16_000, Sounds.silence(1600));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        if (Files.isReadable(file)) {
            // The super-user may read everything, and then it is read.
            assertThat(MediaDecoder.probe(file).sampleRate()).isEqualTo(16_000);
        } else {
            assertRefused(file, "you may not read this file; change its permissions (chmod +r)");
        }
    }

    @Test
    void emptyFile() throws IOException {
        assertRefused(
                Files.createFile(folder.resolve("empty.wav")),
                "the file is empty (0 bytes); check the recording or the copy that made it");
    }

    @Test
    void textNamedWav() throws IOException {
        assertRefused(
                Files.writeString(folder.resolve("notes.wav"), "Dear diary,\n".repeat(100)),
                "this is text, not audio or video; name a media file");
        assertRefused(
                Files.writeString(folder.resolve("short.wav"), "Grüße"),
                "this is text, not audio or video; name a media file");
    }

    @Test
    void textNamedMp3() throws IOException {
        assertRefused(
                Files.writeString(folder.resolve("notes.mp3"), "Dear diary,\n".repeat(5000)),
                "this is text, not audio or video; name a media file");
    }

    @Test
    void playListThatPointsElsewhere() throws IOException {
        assertRefused(
                Files.writeString(
                        folder.resolve("list.m3u8"),
                        """
                        #EXTM3U
                        #EXT-X-TARGETDURATION:10
                        #EXTINF:10,
                        http://localhost:1/a.ts
                        #EXT-X-ENDLIST
                        """),
                "this is text, not audio or video; name a media file");
    }

    @Test
    void bytesOfNoFormat() throws IOException {
        byte[] bytes = new byte[5000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * i * 31 + i / 7);
        }
        Path file = Files.write(folder.resolve("noise.bin"), bytes);

        assertThatThrownBy(() -> MediaDecoder.probe(file))
                .isInstanceOf(MediaUnreadableException.class)
                .hasMessageStartingWith(file + ": ")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void mp4WithoutItsIndex() throws IOException {
        Path whole =
                Encoder.to(folder.resolve("a.mp4"), "mp4")
                        .audio("aac", 44_100, Sounds.noise(441_000, 0.3, 3))
                        .write();
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.mp4"), Arrays.copyOf(bytes, bytes.length / 2));

        assertRefused(
                cut,
                "this MP4 is cut short: its index (moov) is missing; copy or record it again, or"
                        + " recover it with a repair tool");
    }

    @Test
    void videoWithoutSound() {
        assertRefused(
                Encoder.to(folder.resolve("mute.mp4"), "mp4").picture(2).write(),
                "it has a picture but no sound; name a file with an audio track");
    }

    @Test
    void soundOfNoLength() throws IOException {
        assertRefused(
                Wav.write(folder.resolve("nothing.wav"), 16_000, new short[0]),
                "its sound track is empty (0 s); check the recording or the copy that made it");
    }

    @Test
    void namesThatLookLikeAddressesAreFiles() throws IOException {
        Path file = Wav.write(folder.resolve("concat:a ü.wav"), 16_000, Sounds.silence(1600));

        assertThat(MediaDecoder.probe(file).codec()).isEqualTo("pcm_s16le");
    }

    private static void assertRefused(Path file, String why) {
        for (ChannelMode mode : ChannelMode.values()) {
            assertThatThrownBy(() -> MediaDecoder.open(file, mode).close())
                    .isInstanceOf(MediaUnreadableException.class)
                    .hasMessage(file + ": " + why);
        }
        assertThatThrownBy(() -> MediaDecoder.probe(file)).hasMessage(file + ": " + why);
    }
}
