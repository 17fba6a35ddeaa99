package dev.omniflow.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes WAV files byte by byte, so that what FFmpeg reads was not written by FFmpeg. */
public final class Wav {
    private static final int HEADER = 44;

    private Wav() {}

    /** Signed 16 bit PCM; one array a channel. */
    public static Path write(Path file, int rate, short[]... channels) throws IOException {
        ByteBuffer data =
                ByteBuffer.allocate(2 * channels.length * channels[0].length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < channels[0].length; i++) {
            for (short[] channel : channels) {
                data.putShort(channel[i]);
            }
        }
        return write(file, 1, rate, channels.length, 16, data.array());
    }

    /** G.711 mu-law, one channel. */
    public static Path writeMulaw(Path file, int rate, short[] samples) throws IOException {
        byte[] data = new byte[samples.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = mulaw(samples[i]);
        }
        return write(file, 7, rate, 1, 8, data);
    }

    private static Path write(Path file, int format, int rate, int channels, int bits, byte[] data)
            throws IOException {
        int block = channels * bits / 8;
        ByteBuffer wav = ByteBuffer.allocate(HEADER + data.length).order(ByteOrder.LITTLE_ENDIAN);
        wav.put(ascii("RIFF")).putInt(36 + data.length).put(ascii("WAVE"));
        wav.put(ascii("fmt ")).putInt(16).putShort((short) format).putShort((short) channels);
        wav.putInt(rate).putInt(rate * block).putShort((short) block).putShort((short) bits);
        wav.put(ascii("data")).putInt(data.length).put(data);
        return Files.write(file, wav.array());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte mulaw(short sample) {
        int magnitude = Math.min(Math.abs((int) sample), 32635) + 132;
        int exponent = 31 - Integer.numberOfLeadingZeros(magnitude) - 7;
        int mantissa = (magnitude >> (exponent + 3)) & 15;
        int sign = sample < 0 ? 0x80 : 0;
        return (byte) ~(sign | (exponent << 4) | mantissa);
    }
}
