package dev.omniflow.app.caption;

import java.io.IOException;

/**
 * Where the captions of one file go. Closed without having been completed, it leaves nothing
 * half-made behind where that can be helped: no file, though what was printed stays printed.
 */
interface CaptionTarget extends AutoCloseable {
    /** Takes the captions, piece by piece. */
    Appendable out();

    /** All is written. */
    void complete() throws IOException;

    @Override
    void close() throws IOException;
}
