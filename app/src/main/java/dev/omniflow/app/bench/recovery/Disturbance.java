package dev.omniflow.app.bench.recovery;

import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** What is done to a job while sessions are live on it. */
interface Disturbance<T> {
    /** Does it; returns what was measured. The job runs again when this returns. */
    T disturb(LiveCluster live) throws IOException, InterruptedException, TimeoutException;
}
