package dev.omniflow.app.bench.recovery;

import dev.omniflow.app.cluster.ClusterJob;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Stops the job with a savepoint and goes on from it with another parallelism, again and again. */
final class Rescaler implements Disturbance<Rescales> {
    private static final int SHORTEST_STAY_MS = 4000;
    private static final int LONGEST_STAY_MS = 8000;

    private final List<Integer> parallelisms;
    private final Random random;
    private final Consumer<String> progress;

    /**
     * @param parallelisms that the job is to have after the one that it begins with
     * @param seed chooses how long it stays at each
     * @param progress is told of each
     */
    Rescaler(List<Integer> parallelisms, long seed, Consumer<String> progress) {
        this.parallelisms = List.copyOf(parallelisms);
        this.random = new Random(seed);
        this.progress = progress;
    }

    @Override
    public Rescales disturb(LiveCluster live)
            throws IOException, InterruptedException, TimeoutException {
        List<Long> pauses = new ArrayList<>();
        int leastLive = Integer.MAX_VALUE;
        for (int parallelism : parallelisms) {
            stay();
            live.load().requireAlive();
            leastLive = Math.min(leastLive, live.liveSessions().size());
            long begin = System.nanoTime();
            String savepoint = live.job().stopWithSavepoint();
            long stoppedUs = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            ClusterJob next = live.job().resume(savepoint, parallelism);
            live.goOnWith(next);
            long first = live.watch().awaitEmitted(stoppedUs, LiveCluster.RUNNING_LIMIT);
            next.waitUntilRunning(LiveCluster.RUNNING_LIMIT);
            pauses.add(Duration.ofNanos(first - begin).toMillis());
            progress.accept(
                    "parallelism "
                            + parallelism
                            + ": new outputs "
                            + pauses.get(pauses.size() - 1)
                            + " ms after the stop began");
        }
        stay();
        return new Rescales(pauses, leastLive);
    }

    private void stay() throws InterruptedException {
        Thread.sleep(SHORTEST_STAY_MS + random.nextInt(LONGEST_STAY_MS - SHORTEST_STAY_MS));
    }
}
