package dev.omniflow.app.bench.recovery;

import java.util.List;

/**
 * How rescaling went.
 *
 * @param pausesMs for each, the time from the wish to stop to the first new output of the job that
 *     went on, in milliseconds
 * @param leastLive the fewest sessions that were live at one
 */
record Rescales(List<Long> pausesMs, int leastLive) {
    Rescales {
        pausesMs = List.copyOf(pausesMs);
    }
}
