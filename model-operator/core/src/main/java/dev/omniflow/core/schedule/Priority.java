package dev.omniflow.core.schedule;

/** How urgent a call is, the most urgent first. */
public enum Priority {
    /** Somebody waits for the answer in a conversation. */
    INTERACTIVE,
    /** Live media: it should not lag. */
    LIVE,
    /** Recorded media, and whatever may wait. */
    BACKGROUND
}
