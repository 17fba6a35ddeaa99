package dev.omniflow.ingest;

import dev.omniflow.ingest.internal.AudioSource;
import dev.omniflow.ingest.internal.ChannelAnalysis;
import dev.omniflow.ingest.internal.ChannelMix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the best audio stream of any audio or video file as 16 kHz PCM with exact media times.
 *
 * <ul>
 *   <li>Media time 0 is the begin of the file's time line; sound that starts later than the picture
 *       begins with a {@link MediaChunk.Hole}.
 *   <li>Time stamps rule: where they jump forward by more than 100 ms there is a hole of that
 *       length, where they jump back the repeated part is dropped. Smaller deviations are jitter
 *       and leave the samples as they are.
 *   <li>The samples given out cover the media's duration to within a few samples: the resampler's
 *       delay is compensated at the begin and flushed at the end.
 *   <li>Damage in mid-file is no exception: what can be decoded is, and {@link #warnings} and
 *       {@link #truncation} tell the rest.
 *   <li>Memory does not depend on the length: two minutes of stereo audio are held at most.
 * </ul>
 *
 * <p>Owns native memory: one owner, who closes it. Not thread-safe.
 */
public final class MediaDecoder implements AutoCloseable {
    /** Samples a second of all that comes out. */
    public static final int SAMPLE_RATE = 16_000;

    private final AudioSource source;
    private final ChannelMix mix;
    private final ArrayDeque<MediaChunk> head;

    private MediaDecoder(AudioSource source, ChannelMix mix, ArrayDeque<MediaChunk> head) {
        this.source = source;
        this.mix = mix;
        this.head = head;
    }

    /**
     * Opens a file and decodes its begin: at least one sample of audio came out when this returns.
     *
     * @throws MediaUnreadableException if the file gives no audio at all
     */
    public static MediaDecoder open(Path file, ChannelMode mode) throws MediaUnreadableException {
        AudioSource source = AudioSource.open(file, mode == ChannelMode.SEPARATE);
        try {
            ArrayDeque<MediaChunk> head = new ArrayDeque<>();
            ChannelMix mix = ChannelMix.separate(source.channels());
            if (mode == ChannelMode.SEPARATE || source.channels() == 1) {
                readHead(source, head, null);
            } else {
                ChannelAnalysis analysis = new ChannelAnalysis();
                readHead(source, head, analysis);
                if (mode == ChannelMode.MIX || !analysis.twoParties()) {
                    mix = analysis.mix();
                }
            }
            return new MediaDecoder(source, mix, head);
        } catch (MediaUnreadableException | RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    /**
     * What a file says about its audio, after checking that some of it can be decoded.
     *
     * @throws MediaUnreadableException if the file gives no audio at all
     */
    public static MediaInfo probe(Path file) throws MediaUnreadableException {
        try (AudioSource source = AudioSource.open(file, true)) {
            readHead(source, new ArrayDeque<>(), null);
            return source.info();
        }
    }

    private static void readHead(
            AudioSource source, ArrayDeque<MediaChunk> head, @Nullable ChannelAnalysis analysis)
            throws MediaUnreadableException {
        boolean sound = false;
        while (!sound || (analysis != null && analysis.wantsMore())) {
            Optional<MediaChunk> next = source.next();
            if (next.isEmpty()) {
                break;
            }
            MediaChunk chunk = next.get();
            head.add(chunk);
            if (chunk instanceof MediaChunk.Samples samples) {
                sound = true;
                if (analysis != null) {
                    analysis.add(samples.channel(0), samples.channel(1));
                }
            }
        }
        if (!sound) {
            throw source.nothingDecoded();
        }
    }

    /** Number of channels that come out. */
    public int channels() {
        return mix.channels();
    }

    /** What the file says about its audio. */
    public MediaInfo info() {
        return source.info();
    }

    /** The next piece, in order; empty at the end. */
    public Optional<MediaChunk> next() {
        MediaChunk chunk = head.poll();
        if (chunk == null) {
            Optional<MediaChunk> next = source.next();
            if (next.isEmpty()) {
                return next;
            }
            chunk = next.get();
        }
        return Optional.of(
                chunk instanceof MediaChunk.Samples samples ? mix.apply(samples) : chunk);
    }

    /**
     * Why the audio ended before its time, one line; empty if it did not. Complete once {@link
     * #next} has come to the end.
     */
    public Optional<String> truncation() {
        return source.truncation();
    }

    /**
     * All that a person should know about what came out, one line each, {@link #truncation}
     * included. Complete once {@link #next} has come to the end.
     */
    public List<String> warnings() {
        return source.warnings();
    }

    /** The media time of a position, in microseconds. */
    public static long microseconds(long position) {
        return position * 125 / 2;
    }

    /** The media time of a position. */
    public static Duration duration(long position) {
        return Duration.ofNanos(position * 62_500);
    }

    @Override
    public void close() {
        source.close();
    }
}
