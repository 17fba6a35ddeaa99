package dev.omniflow.sinks.captions;

import java.util.List;

/**
 * Text that is shown for a while.
 *
 * @param channel channel of the session, from 0
 * @param startUs when it appears, in microseconds of media time; a whole millisecond
 * @param endUs when it goes, after startUs; a whole millisecond
 * @param lines its lines, from the top; none is empty
 */
public record Cue(int channel, long startUs, long endUs, List<String> lines) {
    public Cue {
        lines = List.copyOf(lines);
    }
}
