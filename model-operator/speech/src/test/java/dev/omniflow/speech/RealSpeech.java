package dev.omniflow.speech;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/** The models and the recording that integration tests use; they fail where these are not made. */
public final class RealSpeech {
    private RealSpeech() {}

    private static Path home() {
        String home = System.getenv("OMNIFLOW_HOME");
        return home == null
                ? Path.of(System.getProperty("user.home"), ".cache", "omniflow")
                : Path.of(home);
    }

    /** The newest version of a bundle. */
    public static Bundle bundle(String name) throws IOException, BundleException {
        Path versions = home().resolve("bundles").resolve(name);
        if (!Files.isDirectory(versions)) {
            throw new IllegalStateException(
                    "the bundle " + name + " is not in " + versions + ": ./omniflow models make");
        }
        try (var folders = Files.list(versions)) {
            return BundleReader.read(folders.max(Path::compareTo).orElseThrow());
        }
    }

    /** Somebody who reads English, 16 kHz. */
    public static short[] recording() throws IOException, UnsupportedAudioFileException {
        Path file = home().resolve("media").resolve("demo.wav");
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException(
                    "the demo's recording is not in " + file + ": ./omniflow demo fetches it");
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                AudioInputStream audio = AudioSystem.getAudioInputStream(in)) {
            AudioFormat format = audio.getFormat();
            int factor = Math.round(format.getSampleRate()) / 16_000;
            if (format.getChannels() != 1
                    || format.getSampleSizeInBits() != 16
                    || factor * 16_000 != Math.round(format.getSampleRate())) {
                throw new IllegalStateException(
                        "expected 16 bit, one channel, a multiple of 16 kHz, not " + format);
            }
            ByteBuffer bytes = ByteBuffer.wrap(audio.readAllBytes());
            bytes.order(format.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            short[] samples = new short[bytes.remaining() / Short.BYTES];
            bytes.asShortBuffer().get(samples);
            return decimate(samples, factor);
        }
    }

    /** Every so many samples of the signal below half the new rate, by a windowed sinc. */
    private static short[] decimate(short[] samples, int factor) {
        int half = 16 * factor;
        double[] filter = new double[2 * half + 1];
        double sum = 0;
        for (int i = -half; i <= half; i++) {
            double x = Math.PI * i / factor;
            double sinc = i == 0 ? 1 : Math.sin(x) / x;
            filter[i + half] = sinc * (0.5 + 0.5 * Math.cos(Math.PI * i / half));
            sum += filter[i + half];
        }
        short[] decimated = new short[samples.length / factor];
        for (int n = 0; n < decimated.length; n++) {
            double value = 0;
            for (int i = -half; i <= half; i++) {
                int at = n * factor + i;
                value += at >= 0 && at < samples.length ? samples[at] * filter[i + half] : 0;
            }
            decimated[n] = (short) Math.max(-32_768, Math.min(32_767, Math.round(value / sum)));
        }
        return decimated;
    }

    /** Words without case and punctuation. */
    public static String[] words(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z' ]", " ").strip().split("\\s+");
    }

    /** Words inserted, left out or replaced, over the words that were said. */
    public static double wordErrorRate(String[] said, String[] heard) {
        int[] row = new int[heard.length + 1];
        for (int j = 0; j <= heard.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= said.length; i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= heard.length; j++) {
                int replaced = diagonal + (said[i - 1].equals(heard[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[heard.length] / (double) said.length;
    }
}
