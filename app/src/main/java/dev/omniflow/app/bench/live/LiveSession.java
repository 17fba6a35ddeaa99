package dev.omniflow.app.bench.live;

import dev.omniflow.ingest.MediaDecoder;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.ingest.PublishException;
import dev.omniflow.ingest.SessionPublisher;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.SessionStart;
import java.time.Duration;

/** A session that hears a sound over and over, in frames of 100 ms. Used by one thread. */
public final class LiveSession {
    /** What a frame lasts, as live ingest cuts them. */
    public static final Duration FRAME = Duration.ofMillis(100);

    private static final int FRAME_SAMPLES =
            (int) FRAME.toMillis() * MediaDecoder.SAMPLE_RATE / 1000;

    private final SessionPublisher publisher;
    private final short[] sound;
    private int next;
    private long position;
    private long records;

    /**
     * Opens the session.
     *
     * @param sound what it hears, in whole frames
     * @param begin the frame of it that comes first
     */
    public LiveSession(
            MediaPublisher publisher, String id, SessionStart start, short[] sound, int begin)
            throws PublishException, InterruptedException {
        if (sound.length == 0 || sound.length % FRAME_SAMPLES != 0) {
            throw new IllegalArgumentException(
                    "a sound is frames of " + FRAME_SAMPLES + " samples, not " + sound.length);
        }
        this.publisher = publisher.open(id, "bench");
        this.sound = sound;
        next = begin % frames(sound);
        this.publisher.start(start);
        records = 1;
    }

    /** Samples of a sound of so many seconds. */
    public static int samples(int seconds) {
        return seconds * MediaDecoder.SAMPLE_RATE;
    }

    private static int frames(short[] sound) {
        return sound.length / FRAME_SAMPLES;
    }

    /** Publishes the next frame. */
    public void frame() throws PublishException, InterruptedException {
        short[] samples = new short[FRAME_SAMPLES];
        System.arraycopy(sound, next * FRAME_SAMPLES, samples, 0, FRAME_SAMPLES);
        publisher.audio(MediaDecoder.microseconds(position), 0, samples);
        next = (next + 1) % frames(sound);
        position += FRAME_SAMPLES;
        records++;
    }

    /** Ends the session as one should. */
    public void end() throws PublishException, InterruptedException {
        publisher.end(MediaDecoder.microseconds(position), EndReason.COMPLETED, "");
        records++;
    }

    /** Waits until all that was published is written. */
    public void flush() throws PublishException, InterruptedException {
        publisher.flush();
    }

    /** Records that it published. */
    public long records() {
        return records;
    }
}
