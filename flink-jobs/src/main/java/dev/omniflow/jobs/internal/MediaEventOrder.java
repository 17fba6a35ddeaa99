package dev.omniflow.jobs.internal;

import dev.omniflow.flink.InputOrder;
import dev.omniflow.schemas.MediaEvent;

/** Media events carry their order. */
public final class MediaEventOrder implements InputOrder<MediaEvent> {
    private static final long serialVersionUID = 1;

    @Override
    public long sequence(MediaEvent event) {
        return event.getSequence();
    }

    @Override
    public int epoch(MediaEvent event) {
        return event.getEpoch();
    }
}
