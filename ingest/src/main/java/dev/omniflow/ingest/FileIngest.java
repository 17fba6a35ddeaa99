package dev.omniflow.ingest;

import dev.omniflow.ingest.internal.FrameAssembler;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.SessionStart;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Publishes files as sessions.
 *
 * <ul>
 *   <li>Nothing is published of a file that gives no audio at all.
 *   <li>A file that cannot be read to its end is published as far as it goes, and its session ends
 *       with FAILED and the reason.
 *   <li>Channels are interleaved: media time never falls.
 *   <li>In real time, an event is published when its last sample would have been heard, measured
 *       from one start: the pace does not drift.
 * </ul>
 *
 * <p>Holds no state between files. Thread-safe: one thread a file.
 */
public final class FileIngest {
    /** Longest wait without asking whether it was cancelled. */
    private static final Duration MAX_WAIT = Duration.ofMillis(200);

    private final MediaPublisher publisher;
    private final MonotonicClock clock;

    /** Ingests by the clock of this process; the publisher stays the caller's. */
    public FileIngest(MediaPublisher publisher) {
        this(publisher, MonotonicClock.system());
    }

    /**
     * @param publisher stays the caller's
     * @param clock paces files in real time
     */
    public FileIngest(MediaPublisher publisher, MonotonicClock clock) {
        this.publisher = publisher;
        this.clock = clock;
    }

    /**
     * Publishes a file, and returns when all of it is written.
     *
     * @throws MediaUnreadableException if the file gives no audio; nothing was published
     * @throws PublishException if an event could not be written; the session stays open
     * @throws InterruptedException if the thread was interrupted; the session stays open
     */
    public IngestResult ingest(Path file, FileIngestOptions options)
            throws MediaUnreadableException, PublishException, InterruptedException {
        try (MediaDecoder decoder = MediaDecoder.open(file, options.channelMode());
                SessionPublisher session = publisher.open(options.session(), options.tenant())) {
            options.listener().started(decoder.channels(), decoder.info().duration());
            session.start(
                    SessionStart.newBuilder(options.start())
                            .setChannels(decoder.channels())
                            .build());
            return new Run(decoder, session, options, clock.nanoTime()).publish();
        }
    }

    /** One file under way. */
    private final class Run {
        private final MediaDecoder decoder;
        private final SessionPublisher session;
        private final FileIngestOptions options;
        private final long startNanos;
        private final FrameAssembler assembler;

        /** End of what was published. */
        private long position;

        Run(
                MediaDecoder decoder,
                SessionPublisher session,
                FileIngestOptions options,
                long startNanos) {
            this.decoder = decoder;
            this.session = session;
            this.options = options;
            this.startNanos = startNanos;
            long samples = options.frameDuration().toMillis() * MediaDecoder.SAMPLE_RATE / 1000;
            this.assembler = new FrameAssembler(decoder.channels(), (int) samples);
        }

        IngestResult publish() throws PublishException, InterruptedException {
            EndReason reason = EndReason.COMPLETED;
            String detail = "";
            try {
                if (!publishMedia()) {
                    reason = EndReason.CLOSED;
                    detail = "cancelled";
                } else if (decoder.truncation().isPresent()) {
                    reason = EndReason.FAILED;
                    detail = decoder.truncation().get();
                }
            } catch (RuntimeException e) {
                endFailed(e);
                throw e;
            }
            session.end(MediaDecoder.microseconds(position), reason, detail);
            session.flush();
            return new IngestResult(
                    session.session(),
                    MediaDecoder.duration(position),
                    decoder.channels(),
                    session.nextSequence(),
                    reason,
                    decoder.warnings());
        }

        private void endFailed(RuntimeException cause) throws InterruptedException {
            try {
                session.end(
                        MediaDecoder.microseconds(position),
                        EndReason.FAILED,
                        "the file could not be decoded any further: " + cause.getMessage());
            } catch (PublishException e) {
                cause.addSuppressed(e);
            }
        }

        /** Publishes all there is; false if it was cancelled. */
        private boolean publishMedia() throws PublishException, InterruptedException {
            while (true) {
                if (options.cancelled().getAsBoolean()) {
                    return false;
                }
                Optional<MediaChunk> next = decoder.next();
                if (next.isEmpty()) {
                    return publishFrames(true);
                }
                if (next.get() instanceof MediaChunk.Hole hole) {
                    if (!publishFrames(true) || !publishHole(hole)) {
                        return false;
                    }
                } else if (next.get() instanceof MediaChunk.Samples samples) {
                    assembler.add(samples);
                    if (!publishFrames(false)) {
                        return false;
                    }
                }
            }
        }

        private boolean publishFrames(boolean rest) throws PublishException, InterruptedException {
            for (Optional<MediaChunk.Samples> frame = assembler.take(rest);
                    frame.isPresent();
                    frame = assembler.take(rest)) {
                MediaChunk.Samples samples = frame.get();
                long end = samples.position() + samples.length();
                if (!await(end)) {
                    return false;
                }
                for (int channel = 0; channel < samples.channels(); channel++) {
                    session.audio(
                            MediaDecoder.microseconds(samples.position()),
                            channel,
                            samples.channel(channel));
                }
                advance(end);
            }
            return true;
        }

        private boolean publishHole(MediaChunk.Hole hole)
                throws PublishException, InterruptedException {
            long end = hole.position() + hole.length();
            if (!await(end)) {
                return false;
            }
            long beginUs = MediaDecoder.microseconds(hole.position());
            session.gap(beginUs, MediaDecoder.microseconds(end) - beginUs, -1, hole.reason());
            advance(end);
            return true;
        }

        private void advance(long end) {
            position = end;
            options.listener().progressed(MediaDecoder.duration(end));
        }

        /** In real time, waits for the moment of a position; false if it was cancelled. */
        private boolean await(long end) throws InterruptedException {
            if (!options.realtime()) {
                return true;
            }
            long due = startNanos + MediaDecoder.duration(end).toNanos();
            long left = due - clock.nanoTime();
            while (left > 0) {
                if (options.cancelled().getAsBoolean()) {
                    return false;
                }
                clock.sleep(Duration.ofNanos(Math.min(left, MAX_WAIT.toNanos())));
                left = due - clock.nanoTime();
            }
            return true;
        }
    }
}
