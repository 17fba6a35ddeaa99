package dev.omniflow.schemas;

/**
 * Names of the Kafka topics, and what lies in each. The key of every record is the session id in
 * UTF-8; that of {@link #MODELS} is the role.
 */
public final class Topics {
    /** {@link MediaEvent}s: all that enters. */
    public static final String MEDIA = "omni.media";

    /**
     * {@link OutputEvent}s of every stream, at once and at least once: consumers drop what they
     * have by id.
     */
    public static final String LIVE = "omni.live";

    /**
     * {@link OutputEvent}s of the stream CAPTIONS, transactional: read committed, each exactly
     * once.
     */
    public static final String CAPTIONS = "omni.captions";

    /** {@link OutputEvent}s of the stream MODERATION, transactional. */
    public static final String MODERATION = "omni.moderation";

    /** {@link OutputEvent}s of the stream USAGE, transactional. */
    public static final String USAGE = "omni.usage";

    /** {@link DeadLetter}s: what could not be read, whole and with the reason. */
    public static final String DEAD_LETTER = "omni.deadletter";

    /**
     * {@link ModelEvent}s: which bundles new sessions take. One partition, since the order of all
     * of them counts, and kept for ever, since readers begin with the first.
     */
    public static final String MODELS = "omni.models";

    /**
     * Largest record of {@link #DEAD_LETTER}; that topic's {@code max.message.bytes}. Twice what
     * brokers take by default, since a dead letter holds a whole record of another topic.
     */
    public static final int MAX_DEAD_LETTER_BYTES = 2 << 20;

    private Topics() {}
}
