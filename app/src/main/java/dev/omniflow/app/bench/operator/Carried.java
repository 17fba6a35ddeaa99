package dev.omniflow.app.bench.operator;

/**
 * A session between two calls, all of it: what Flink's async I/O carries in the record from step to
 * step, and what a bare loop begins with. Its arrays are never written to once it is made, so
 * copies of a record may share them.
 *
 * @param session number of the session
 * @param step calls that it has made
 * @param length positions of the appended entries that are in use
 * @param token the token that the next call reads; 0 where the graph reads none
 * @param digest what all results so far amount to, see {@link #digest(long, long)}
 * @param fixed entries that no call changes: a decoder's keys and values of the sound
 * @param state entries that every call changes: a decoder's keys and values of the text, padded; a
 *     recurrent state
 */
record Carried(
        int session,
        int step,
        int length,
        long token,
        long digest,
        float[][] fixed,
        float[][] state) {
    /** The same session under another number. */
    Carried as(int number) {
        return new Carried(number, step, length, token, digest, fixed, state);
    }

    /** A digest with one more result. */
    static long digest(long digest, long result) {
        return 31 * digest + result;
    }
}
