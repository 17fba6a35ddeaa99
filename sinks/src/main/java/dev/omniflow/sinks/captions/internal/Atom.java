package dev.omniflow.sinks.captions.internal;

/**
 * A piece of text that no line break falls into.
 *
 * @param text the piece, without spaces around it
 * @param spaceAfter whether a space parts it from the next piece
 * @param startUs when it begins to be said
 * @param endUs when it has been said; not before startUs
 * @param ending what it ends
 * @param width columns that it takes
 */
public record Atom(
        String text, boolean spaceAfter, long startUs, long endUs, Ending ending, int width) {
    /** What the last character of a piece closes. */
    public enum Ending {
        /** A sentence. */
        SENTENCE,
        /** A clause. */
        CLAUSE,
        /** A word. */
        WORD,
        /** Nothing: the next piece is part of the same word. */
        FRAGMENT
    }
}
