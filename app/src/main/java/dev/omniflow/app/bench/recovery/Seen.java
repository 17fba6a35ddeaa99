package dev.omniflow.app.bench.recovery;

import dev.omniflow.schemas.OutputEvent;

/**
 * A new output came from the live topic.
 *
 * @param nanos when, on the clock of {@link System#nanoTime}
 */
record Seen(OutputEvent output, long nanos) {}
