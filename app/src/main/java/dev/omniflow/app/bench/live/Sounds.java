package dev.omniflow.app.bench.live;

import dev.omniflow.app.CommandException;
import dev.omniflow.ingest.ChannelMode;
import dev.omniflow.ingest.MediaChunk;
import dev.omniflow.ingest.MediaDecoder;
import dev.omniflow.ingest.MediaUnreadableException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/** What sessions hear: 16 kHz, signed 16 bit. */
public final class Sounds {
    /** About -60 dBFS: a quiet room. */
    private static final double ROOM_AMPLITUDE = 30;

    private Sounds() {}

    /** A room in which nobody speaks: always the same faint noise. */
    public static short[] room(int samples) {
        Random random = new Random(1);
        short[] noise = new short[samples];
        for (int i = 0; i < samples; i++) {
            noise[i] = (short) Math.round(ROOM_AMPLITUDE * random.nextGaussian());
        }
        return noise;
    }

    /**
     * The begin of a recording, its channels mixed, repeated or cut to this length.
     *
     * @throws CommandException if it cannot be read
     */
    public static short[] recording(Path file, int samples) throws CommandException {
        short[] pcm = new short[samples];
        int read = 0;
        try (MediaDecoder decoder = MediaDecoder.open(file, ChannelMode.MIX)) {
            Optional<MediaChunk> next = decoder.next();
            while (next.isPresent() && read < samples) {
                if (next.get() instanceof MediaChunk.Samples chunk) {
                    int taken = (int) Math.min(chunk.length(), samples - read);
                    System.arraycopy(chunk.channel(0), 0, pcm, read, taken);
                    read += taken;
                }
                next = decoder.next();
            }
        } catch (MediaUnreadableException e) {
            throw CommandException.usage(e.getMessage());
        }
        if (read == 0) {
            throw CommandException.usage(file + " holds no sound");
        }
        return repeated(Arrays.copyOf(pcm, read), samples);
    }

    private static short[] repeated(short[] sound, int samples) {
        short[] longer = new short[samples];
        for (int begin = 0; begin < samples; begin += sound.length) {
            System.arraycopy(sound, 0, longer, begin, Math.min(sound.length, samples - begin));
        }
        return longer;
    }
}
