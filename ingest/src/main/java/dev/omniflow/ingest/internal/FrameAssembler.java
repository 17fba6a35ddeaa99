package dev.omniflow.ingest.internal;

import dev.omniflow.ingest.MediaChunk;
import java.util.Optional;

/** Cuts a run of samples into frames of equal length, whatever the pieces it comes in. */
public final class FrameAssembler {
    private final int frameSamples;
    private short[][] buffer;
    private int begin;
    private int end;
    private long position;

    /**
     * @param channels channels of every chunk
     * @param frameSamples samples of a frame, above 0
     */
    public FrameAssembler(int channels, int frameSamples) {
        this.frameSamples = frameSamples;
        this.buffer = new short[channels][2 * frameSamples];
    }

    /** Takes the next chunk, which follows the former one unless all of that was taken. */
    public void add(MediaChunk.Samples chunk) {
        int length = (int) chunk.length();
        if (begin == end) {
            position = chunk.position();
        } else if (position + end - begin != chunk.position()) {
            throw new IllegalStateException(
                    "expected samples at "
                            + (position + end - begin)
                            + ", but they are at "
                            + chunk.position());
        }
        int held = end - begin;
        int room = Math.max(buffer[0].length, held + length);
        for (int c = 0; c < buffer.length; c++) {
            short[] target = room > buffer[c].length ? new short[room] : buffer[c];
            System.arraycopy(buffer[c], begin, target, 0, held);
            System.arraycopy(chunk.channel(c), 0, target, held, length);
            buffer[c] = target;
        }
        begin = 0;
        end = held + length;
    }

    /**
     * The next frame.
     *
     * @param rest whether a frame that is not full is wanted too
     */
    public Optional<MediaChunk.Samples> take(boolean rest) {
        int held = end - begin;
        int length = Math.min(held, frameSamples);
        if (length == 0 || (length < frameSamples && !rest)) {
            return Optional.empty();
        }
        short[][] frame = new short[buffer.length][length];
        for (int c = 0; c < buffer.length; c++) {
            System.arraycopy(buffer[c], begin, frame[c], 0, length);
        }
        MediaChunk.Samples samples = new MediaChunk.Samples(position, frame);
        begin += length;
        position += length;
        return Optional.of(samples);
    }
}
