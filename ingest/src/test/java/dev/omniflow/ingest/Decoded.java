package dev.omniflow.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A whole file, decoded. Holes are silence, and listed. */
final class Decoded {
    final short[][] channels;
    final List<MediaChunk.Hole> holes = new ArrayList<>();
    final List<String> warnings;
    final Optional<String> truncation;

    private Decoded(MediaDecoder decoder) {
        short[][] all = new short[decoder.channels()][0];
        long position = 0;
        for (Optional<MediaChunk> next = decoder.next(); next.isPresent(); next = decoder.next()) {
            MediaChunk chunk = next.get();
            if (chunk.position() != position || chunk.length() <= 0) {
                throw new AssertionError(
                        "chunk at " + chunk.position() + ", expected at " + position);
            }
            position += chunk.length();
            for (int c = 0; c < all.length; c++) {
                int from = all[c].length;
                all[c] = Arrays.copyOf(all[c], (int) position);
                if (chunk instanceof MediaChunk.Samples samples) {
                    System.arraycopy(samples.channel(c), 0, all[c], from, (int) chunk.length());
                }
            }
            if (chunk instanceof MediaChunk.Hole hole) {
                holes.add(hole);
            }
        }
        channels = all;
        warnings = decoder.warnings();
        truncation = decoder.truncation();
    }

    static Decoded of(Path file, ChannelMode mode) throws MediaUnreadableException {
        try (MediaDecoder decoder = MediaDecoder.open(file, mode)) {
            return new Decoded(decoder);
        }
    }

    static Decoded of(Path file) throws MediaUnreadableException {
        return of(file, ChannelMode.MIX);
    }

    int length() {
        return channels[0].length;
    }
}
