package dev.omniflow.sinks.kafka;

/** Where reading of a topic begins. */
public enum StartPosition {
    /** With the oldest record that is still there. */
    EARLIEST,
    /** With the first record that comes after the connection was made. */
    LATEST
}
