package dev.omniflow.ingest;

/** What becomes of the channels of a source. A source of one channel gives one in every mode. */
public enum ChannelMode {
    /**
     * {@link #SEPARATE} for a stereo source that holds two parties, one a channel, as call
     * recordings do; else {@link #MIX}. Decided from the first two minutes of the audio alone, so
     * the same file always gives the same channels.
     */
    AUTO,
    /** One channel, mixed so that neither a silent channel nor an inverted one costs speech. */
    MIX,
    /** Each channel of the source is a channel of the session. */
    SEPARATE
}
