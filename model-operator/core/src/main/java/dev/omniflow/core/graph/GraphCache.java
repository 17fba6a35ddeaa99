package dev.omniflow.core.graph;

import java.util.OptionalInt;

/**
 * Tensors that stay with the runtime between the calls of one session, such as a decoder's keys and
 * values. Never part of a session's state: after a restore the same calls fill a new one.
 *
 * <p>Owned by the session program that asked for it, which closes it. Used by one call at a time.
 */
public interface GraphCache extends AutoCloseable {
    /** Length of the appended entries. */
    int length();

    /** The lane whose memory holds this cache's rows; empty until a call placed it. */
    OptionalInt home();

    /**
     * Something that equals for caches whose calls may share a batch: the shapes that a graph will
     * see.
     */
    Object shapeKey(int bucket);

    /**
     * Frees the memory, at the latest when a call that uses it has returned. Safe to call twice.
     */
    @Override
    void close();
}
