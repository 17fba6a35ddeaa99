package dev.omniflow.ingest;

import dev.omniflow.schemas.AudioEncoding;
import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.Control;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.Gap;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.SessionEnd;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.TextInput;
import dev.omniflow.schemas.Tick;
import dev.omniflow.schemas.VideoFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log of one session: numbers its events from 0 without holes, and holds that the first
 * is a SessionStart, that media time never falls, and that nothing follows a SessionEnd.
 *
 * <p>Sends are asynchronous, but for the first, which returns when it is written. A send that fails
 * later surfaces as a {@link PublishException} from the next call, or from {@link #close}, and
 * every call after it. Not thread-safe: one owner.
 */
public final class SessionPublisher implements AutoCloseable {
    private final MediaPublisher publisher;
    private final String session;
    private final String tenant;
    private final int epoch;
    private final AtomicReference<@Nullable PublishException> failure = new AtomicReference<>();

    private long sequence;
    private long mediaTimeUs;
    private boolean ended;

    /**
     * Whether this publisher's first event is known to be written. Nothing is sent before: a broker
     * that has not heard of a producer takes whatever sequence number comes first, so if the first
     * batch had to be sent again (a new topic without a leader), the next one would overtake it.
     */
    private boolean acknowledged;

    private @Nullable Future<RecordMetadata> last;

    SessionPublisher(
            MediaPublisher publisher, String session, String tenant, int epoch, long nextSequence) {
        this.publisher = publisher;
        this.session = session;
        this.tenant = tenant;
        this.epoch = epoch;
        this.sequence = nextSequence;
    }

    /** Id of the session. */
    public String session() {
        return session;
    }

    /** Number of the next event; also, of a session begun here, the number of events so far. */
    public long nextSequence() {
        return sequence;
    }

    /**
     * Opens the session, at media time 0. Models that the start does not name are chosen here,
     * once, and written into it.
     */
    public void start(SessionStart start) throws PublishException, InterruptedException {
        if (sequence != 0) {
            throw new IllegalStateException(
                    "SessionStart is the first event of a session, but " + session + " has begun");
        }
        send(
                0,
                SessionStart.newBuilder(start)
                        .setModels(publisher.models().choose(start.getModels(), tenant, session))
                        .build());
    }

    /**
     * A run of 16 kHz audio.
     *
     * @param mediaTimeUs media time of its first sample
     * @param channel channel, from 0
     * @param samples signed 16 bit; copied
     */
    public void audio(long mediaTimeUs, int channel, short[] samples)
            throws PublishException, InterruptedException {
        ByteBuffer data = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asShortBuffer().put(samples);
        send(
                mediaTimeUs,
                new AudioFrame(AudioEncoding.PCM_S16LE, MediaDecoder.SAMPLE_RATE, channel, data));
    }

    /** A picture, shown from this media time on. */
    public void video(long mediaTimeUs, VideoFrame frame)
            throws PublishException, InterruptedException {
        send(mediaTimeUs, frame);
    }

    /** A text. */
    public void text(long mediaTimeUs, TextInput text)
            throws PublishException, InterruptedException {
        send(mediaTimeUs, text);
    }

    /** A wish or a fact from outside. */
    public void control(long mediaTimeUs, Control control)
            throws PublishException, InterruptedException {
        send(mediaTimeUs, control);
    }

    /**
     * Media that never came.
     *
     * @param mediaTimeUs where it is missing
     * @param durationUs how much
     * @param channel channel, or -1 for all
     * @param reason why, for people
     */
    public void gap(long mediaTimeUs, long durationUs, int channel, String reason)
            throws PublishException, InterruptedException {
        send(mediaTimeUs, new Gap(durationUs, channel, reason));
    }

    /** Time has reached this media time, though no media came. */
    public void tick(long mediaTimeUs) throws PublishException, InterruptedException {
        send(mediaTimeUs, new Tick());
    }

    /**
     * Closes the session.
     *
     * @param mediaTimeUs where the media ended
     * @param reason why
     * @param detail for people; may be empty
     */
    public void end(long mediaTimeUs, EndReason reason, String detail)
            throws PublishException, InterruptedException {
        send(mediaTimeUs, new SessionEnd(reason, detail));
        ended = true;
    }

    private void send(long time, Object payload) throws PublishException, InterruptedException {
        throwFailure();
        if (sequence == 0 && !(payload instanceof SessionStart)) {
            throw new IllegalStateException(
                    "the first event of a session is SessionStart, but to "
                            + session
                            + " came "
                            + payload.getClass().getSimpleName());
        }
        if (ended) {
            throw new IllegalStateException(
                    "nothing follows SessionEnd, but to "
                            + session
                            + " came "
                            + payload.getClass().getSimpleName());
        }
        if (time < mediaTimeUs) {
            throw new IllegalArgumentException(
                    "media time never falls, but in "
                            + session
                            + " "
                            + time
                            + " µs follows "
                            + mediaTimeUs
                            + " µs");
        }
        long number = sequence;
        MediaEvent event =
                new MediaEvent(
                        session, epoch, tenant, number, time, publisher.ingestTimeUs(), payload);
        try {
            last =
                    publisher.send(
                            event,
                            (metadata, error) -> {
                                if (error != null) {
                                    failure.compareAndSet(null, failed(number, error));
                                }
                            });
        } catch (InterruptException e) {
            // Kafka's client sets the flag again; an InterruptedException stands for it.
            Thread.interrupted();
            failure.compareAndSet(null, failed(number, e));
            throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
        } catch (KafkaException e) {
            failure.compareAndSet(null, failed(number, e));
            throwFailure();
        }
        sequence++;
        mediaTimeUs = time;
        // Without a broker, Kafka's client fails the send at once but only says so through the
        // callback.
        throwFailure();
        if (!acknowledged) {
            flush();
            acknowledged = true;
        }
    }

    private PublishException failed(long number, Throwable error) {
        String why = error.getMessage() == null ? error.toString() : error.getMessage();
        return new PublishException(
                "event "
                        + number
                        + " of session "
                        + session
                        + " could not be written to Kafka: "
                        + why.lines().findFirst().orElse("")
                        + " (is the broker up, and are its topics made?)",
                error);
    }

    private void throwFailure() throws PublishException {
        PublishException failed = failure.get();
        if (failed != null) {
            throw new PublishException(failed.getMessage(), failed);
        }
    }

    /**
     * Waits until all events are written, or one has failed.
     *
     * @throws PublishException if one has failed
     */
    public void flush() throws PublishException, InterruptedException {
        // Events of a session lie in one partition, where idempotence keeps their order: when the
        // last is settled, all are.
        Future<RecordMetadata> sent = last;
        if (sent != null) {
            try {
                sent.get();
            } catch (ExecutionException e) {
                failure.compareAndSet(null, failed(sequence - 1, e.getCause()));
            }
        }
        throwFailure();
    }

    /**
     * As {@link #flush}. Does not end the session: a publisher that is closed before {@link #end}
     * leaves it open for another one of a higher epoch.
     *
     * @throws PublishException if an event could not be written, or the thread was interrupted
     *     before that was known
     */
    @Override
    public void close() throws PublishException {
        try {
            flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PublishException(
                    "interrupted before all events of session " + session + " were written", e);
        }
    }
}
