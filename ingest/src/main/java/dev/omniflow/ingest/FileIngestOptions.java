package dev.omniflow.ingest;

import dev.omniflow.schemas.SessionStart;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How a file becomes a session.
 *
 * @param session id of the session, see {@link SessionIds}
 * @param tenant whose quota and usage it is
 * @param start what opens the session; its channels are set by what the file holds
 * @param channelMode what becomes of the file's channels
 * @param frameDuration length of an audio event: 10 ms to 10 s
 * @param realtime whether events are published at the pace of the media, or as fast as possible
 * @param listener is told how it comes along
 * @param cancelled asked often; once it says true, the session ends with CLOSED
 */
public record FileIngestOptions(
        String session,
        String tenant,
        SessionStart start,
        ChannelMode channelMode,
        Duration frameDuration,
        boolean realtime,
        IngestListener listener,
        BooleanSupplier cancelled) {
    /** Default length of an audio event as fast as possible: few events cost little. */
    public static final Duration BULK_FRAME = Duration.ofMillis(500);

    /** Default length of an audio event in real time: what an event waits for adds to latency. */
    public static final Duration REALTIME_FRAME = Duration.ofMillis(100);

    public FileIngestOptions {
        SessionIds.check(session);
        if (frameDuration.compareTo(Duration.ofMillis(10)) < 0
                || frameDuration.compareTo(Duration.ofSeconds(10)) > 0) {
            throw new IllegalArgumentException(
                    "frameDuration is from 10 ms to 10 s, but this is "
                            + frameDuration.toMillis()
                            + " ms");
        }
    }

    /** The defaults for a session, to be changed by the builder's methods. */
    public static Builder builder(String session, SessionStart start) {
        return new Builder(session, start);
    }

    /** Collects options. Not thread-safe. */
    public static final class Builder {
        private final String session;
        private final SessionStart start;
        private String tenant = "default";
        private ChannelMode channelMode = ChannelMode.AUTO;
        private Duration frameDuration = Duration.ZERO;
        private boolean realtime;
        private IngestListener listener = IngestListener.NONE;
        private BooleanSupplier cancelled = () -> false;

        private Builder(String session, SessionStart start) {
            this.session = session;
            this.start = start;
        }

        /** Whose quota and usage it is; {@code default} by default. */
        public Builder tenant(String tenant) {
            this.tenant = tenant;
            return this;
        }

        /** What becomes of the file's channels; {@link ChannelMode#AUTO} by default. */
        public Builder channelMode(ChannelMode channelMode) {
            this.channelMode = channelMode;
            return this;
        }

        /** Length of an audio event; by default 500 ms, in real time 100 ms. */
        public Builder frameDuration(Duration frameDuration) {
            this.frameDuration = frameDuration;
            return this;
        }

        /** Whether events are published at the pace of the media; false by default. */
        public Builder realtime(boolean realtime) {
            this.realtime = realtime;
            return this;
        }

        /** Is told how it comes along; by default nobody is. */
        public Builder listener(IngestListener listener) {
            this.listener = listener;
            return this;
        }

        /** Asked often; once it says true, the session ends. */
        public Builder cancelled(BooleanSupplier cancelled) {
            this.cancelled = cancelled;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is out of its range
         */
        public FileIngestOptions build() {
            Duration frame = frameDuration;
            if (frame.isZero()) {
                frame = realtime ? REALTIME_FRAME : BULK_FRAME;
            }
            return new FileIngestOptions(
                    session, tenant, start, channelMode, frame, realtime, listener, cancelled);
        }
    }
}
