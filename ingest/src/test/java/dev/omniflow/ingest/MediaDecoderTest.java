package dev.omniflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaDecoderTest {
    /** 1 ms. */
    private static final Offset<Integer> CLICK = Offset.offset(16);

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({"16000", "8000", "11025", "22050", "44100", "48000", "96000"})
    void givesEverySampleOfAWavAtItsTime(int rate) throws IOException {
        Path file =
                Wav.write(folder.resolve("a.wav"), rate, Sounds.click(rate * 3, rate, rate * 2));

        Decoded decoded = Decoded.of(file);

        assertThat(decoded.length()).isCloseTo(48_000, Offset.offset(2));
        assertThat(Sounds.loudest(decoded.channels[0])).isCloseTo(32_000, CLICK);
        assertThat(decoded.holes).isEmpty();
        assertThat(decoded.warnings).isEmpty();
    }

    @Test
    void leavesSixteenKilohertzAsItIs() throws IOException {
        short[] noise = Sounds.noise(16_001, 0.5, 1);

        Decoded decoded = Decoded.of(Wav.write(folder.resolve("a.wav"), 16_000, noise));

        assertThat(decoded.channels).isEqualTo(new short[][] {noise});
    }

    @Test
    void readsMulawTelephony() throws IOException {
        Path file = Wav.writeMulaw(folder.resolve("a.wav"), 8000, Sounds.click(24_000, 8000, 8000));

        Decoded decoded = Decoded.of(file);

        assertThat(decoded.length()).isCloseTo(48_000, Offset.offset(2));
        assertThat(Sounds.loudest(decoded.channels[0])).isCloseTo(16_000, CLICK);
        assertThat(MediaDecoder.probe(file).codec()).isEqualTo("pcm_mulaw");
    }

    @ParameterizedTest
    @CsvSource({
        "flac, flac, 44100, 2, 0",
        "ogg, vorbis, 44100, 64, 0",
        "ogg, libopus, 48000, 960, 0",
        "mp3, libmp3lame, 44100, 2, 0",
        "mp4, aac, 44100, 1024, 0",
        // These containers do not tell of the encoder's 1024 samples of padding.
        "matroska, aac, 48000, 1024, 341",
        "mpegts, aac, 48000, 1024, 341",
        "avi, pcm_s16le, 22050, 2, 0",
    })
    void keepsTimesInEveryFormat(String muxer, String codec, int rate, int longer, int later)
            throws IOException {
        short[] click = Sounds.click(rate * 3, rate, rate * 2);
        Path file =
                Encoder.to(folder.resolve("a." + muxer), muxer)
                        .audio(codec, rate, click, click)
                        .write();

        Decoded decoded = Decoded.of(file);

        assertThat(decoded.warnings).isEmpty();
        assertThat(decoded.holes).isEmpty();
        assertThat(Sounds.loudest(decoded.channels[0])).isCloseTo(32_000 + later, CLICK);
        assertThat(decoded.length()).isBetween(48_000 - 2, 48_000 + longer);
    }

    @Test
    void readsTheSoundOfAVideo() throws IOException {
        short[] click = Sounds.click(48_000 * 3, 48_000, 96_000);
        Path file =
                Encoder.to(folder.resolve("a.mkv"), "matroska")
                        .audio("flac", 48_000, click)
                        .picture(3)
                        .write();

        Decoded decoded = Decoded.of(file);

        assertThat(decoded.length()).isCloseTo(48_000, Offset.offset(2));
        assertThat(Sounds.loudest(decoded.channels[0])).isCloseTo(32_000, CLICK);
    }

    @Test
    void soundThatStartsLateBeginsWithAHole() throws IOException {
        short[] click = Sounds.click(16_000, 16_000, 8000);
        Path file =
                Encoder.to(folder.resolve("a.mkv"), "matroska")
                        .audio("pcm_s16le", 16_000, click)
                        .stamps(at -> at + 32_000)
                        .picture(3)
                        .write();

        Decoded decoded = Decoded.of(file);

        assertThat(decoded.holes)
                .containsExactly(
                        new MediaChunk.Hole(0, 32_000, "the sound starts later than the picture"));
        assertThat(decoded.length()).isEqualTo(48_000);
        assertThat(Sounds.loudest(decoded.channels[0])).isEqualTo(40_000);
    }

    @Test
    void jumpingTimeStampsAreAHole() throws IOException {
        short[] click = Sounds.click(44_100 * 2, 44_100, 66_150);
        Path file =
                Encoder.to(folder.resolve("a.mkv"), "matroska")
                        .audio("pcm_s16le", 44_100, click)
                        .stamps(at -> at < 44_000 ? at : at + 22_050)
                        .write();

        Decoded decoded = Decoded.of(file);

        assertThat(decoded.holes).hasSize(1);
        assertThat(decoded.holes.get(0).length()).isCloseTo(8000, Offset.offset(16L));
        assertThat(decoded.length()).isCloseTo(40_000, Offset.offset(16));
        assertThat(Sounds.loudest(decoded.channels[0])).isCloseTo(32_000, CLICK);
    }

    @Test
    void repeatedMediaIsDropped() throws IOException {
        short[] click = Sounds.click(96_000, 48_000, 48_000);
        Path first =
                Encoder.to(folder.resolve("a.ts"), "mpegts")
                        .audio("mp2", 48_000, Sounds.silence(48_000))
                        .write();
        Path second =
                Encoder.to(folder.resolve("b.ts"), "mpegts")
                        .audio("mp2", 48_000, click)
                        .stamps(at -> at + 24_000)
                        .picture(0.1)
                        .write();
        Path both = folder.resolve("both.ts");
        Files.write(both, Files.readAllBytes(first));
        Files.write(both, Files.readAllBytes(second), StandardOpenOption.APPEND);

        Decoded decoded = Decoded.of(both);

        // The encoder fills its last block.
        assertThat(decoded.holes).isEmpty();
        assertThat(decoded.length()).isCloseTo(40_000, Offset.offset(500));
        assertThat(Sounds.loudest(decoded.channels[0])).isCloseTo(24_000, CLICK);
    }

    @Test
    void jitterOfTimeStampsIsNoHole() throws IOException {
        short[] noise = Sounds.noise(48_000, 0.3, 7);
        Path file =
                Encoder.to(folder.resolve("a.mkv"), "matroska")
                        .audio("pcm_s16le", 16_000, noise)
                        .stamps(at -> at + (at / 1000 % 3) * 300)
                        .write();

        Decoded decoded = Decoded.of(file);

        assertThat(decoded.holes).isEmpty();
        assertThat(decoded.channels[0]).isEqualTo(noise);
    }

    @Property(tries = 60)
    void anyRateAndLengthGivesTheRightNumberOfSamples(
            @ForAll @IntRange(min = 4000, max = 192_000) int rate,
            @ForAll @IntRange(min = 50, max = 3000) int milliseconds)
            throws IOException {
        int samples = (int) ((long) rate * milliseconds / 1000);
        Path file = Files.createTempFile("omniflow", ".wav");
        try {
            Wav.write(file, rate, Sounds.tone(samples, rate, 440, 0.5));
            long expected = Math.round(samples * 16_000.0 / rate);
            assertThat((long) Decoded.of(file).length()).isCloseTo(expected, Offset.offset(2L));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void separatesChannels() throws IOException {
        short[] left = Sounds.click(16_000, 16_000, 4000);
        short[] right = Sounds.click(16_000, 16_000, 12_000);
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, left, right);

        assertThat(Decoded.of(file, ChannelMode.SEPARATE).channels)
                .isEqualTo(new short[][] {left, right});
        assertThat(Decoded.of(file, ChannelMode.MIX).channels.length).isEqualTo(1);
    }

    @Test
    void mixesSurroundSoundUnlessAskedNotTo() throws IOException {
        short[] tone = Sounds.tone(16_000, 16_000, 300, 0.3);
        short[] none = Sounds.silence(16_000);
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, none, none, tone, none, none, none);

        assertThat(Decoded.of(file, ChannelMode.SEPARATE).channels.length).isEqualTo(6);
        Decoded mixed = Decoded.of(file, ChannelMode.AUTO);
        assertThat(mixed.channels.length).isEqualTo(1);
        assertThat(Math.abs(mixed.channels[0][Sounds.loudest(mixed.channels[0])]))
                .isGreaterThan((short) 1000);
    }

    @Test
    void autoKeepsTheTwoPartiesOfACallApart() throws IOException {
        short[] caller = Sounds.talker(160_000, 64_000, 0, 30_000, 0.5, 1);
        short[] agent = Sounds.talker(160_000, 64_000, 32_000, 62_000, 0.3, 2);
        Path call = Wav.write(folder.resolve("call.wav"), 16_000, caller, agent);
        Path music = Wav.write(folder.resolve("music.wav"), 16_000, caller, caller);

        assertThat(Decoded.of(call, ChannelMode.AUTO).channels)
                .isEqualTo(new short[][] {caller, agent});
        assertThat(Decoded.of(music, ChannelMode.AUTO).channels).isEqualTo(new short[][] {caller});
    }

    @Test
    void mixingAnInvertedCopyKeepsTheSound() throws IOException {
        short[] tone = Sounds.tone(16_000, 16_000, 440, 0.5);
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, tone, Sounds.scaled(tone, -1));

        assertThat(Decoded.of(file, ChannelMode.AUTO).channels).isEqualTo(new short[][] {tone});
    }

    @Test
    void mixingASilentChannelKeepsTheLevel() throws IOException {
        short[] tone = Sounds.tone(16_000, 16_000, 440, 0.5);
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, Sounds.silence(16_000), tone);

        assertThat(Decoded.of(file, ChannelMode.AUTO).channels).isEqualTo(new short[][] {tone});
    }

    @Test
    void tellsThatAFileIsCutShort() throws IOException {
        Path whole = Wav.write(folder.resolve("a.wav"), 16_000, Sounds.noise(160_000, 0.3, 3));
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.wav"), Arrays.copyOf(bytes, 44 + 64_000));

        Decoded decoded = Decoded.of(cut);

        assertThat(decoded.length()).isEqualTo(32_000);
        assertThat(decoded.truncation)
                .hasValue("ended early at 2.0 s: the file is cut short by 256000 bytes");
        assertThat(decoded.warnings).hasSize(1);
    }

    @Test
    void decodesWhatIsThereOfAStreamableMp4() throws IOException {
        short[] noise = Sounds.noise(441_000, 0.3, 3);
        Path whole =
                Encoder.to(folder.resolve("a.mp4"), "mp4")
                        .audio("aac", 44_100, noise)
                        .movflags("faststart")
                        .write();
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.mp4"), Arrays.copyOf(bytes, bytes.length / 2));

        Decoded decoded = Decoded.of(cut);

        assertThat(decoded.length()).isBetween(60_000, 100_000);
        assertThat(decoded.truncation).isPresent();
        assertThat(decoded.truncation.get()).startsWith("ended early at ").doesNotContain("\n");
    }

    @Test
    void damagedPacketsDoNotEndTheFile() throws IOException {
        short[] noise = Sounds.noise(160_000, 0.3, 3);
        Path whole =
                Encoder.to(folder.resolve("a.mp3"), "mp3")
                        .audio("libmp3lame", 16_000, noise)
                        .write();
        byte[] bytes = Files.readAllBytes(whole);
        for (int i = bytes.length / 2; i < bytes.length / 2 + 3000; i++) {
            bytes[i] = (byte) (i * 31);
        }
        Path damaged = Files.write(folder.resolve("damaged.mp3"), bytes);

        Decoded decoded = Decoded.of(damaged);

        assertThat(decoded.length()).isCloseTo(160_000, Offset.offset(16_000));
    }

    @Test
    void saysWhatTheHeaderSays() throws IOException {
        Path file =
                Wav.write(
                        folder.resolve("a.wav"),
                        8000,
                        Sounds.silence(12_000),
                        Sounds.silence(12_000));

        MediaInfo info = MediaDecoder.probe(file);

        assertThat(info.format()).isEqualTo("wav");
        assertThat(info.codec()).isEqualTo("pcm_s16le");
        assertThat(info.sampleRate()).isEqualTo(8000);
        assertThat(info.channels()).isEqualTo(2);
        assertThat(info.duration()).hasValue(Duration.ofMillis(1500));
    }
}
