package dev.omniflow.app.bench.recovery;

import dev.omniflow.app.cluster.ClusterJob;
import dev.omniflow.app.cluster.ProcessCluster;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobStatus;

/**
 * Kills TaskManagers that run tasks of the job, at random moments: up to 3 s after all tasks run
 * again, which meets them catching up, or after the first checkpoint since, so that the job gets on
 * and kills meet checkpoints, transactions and sessions in every phase; and one time in five a
 * second one within 1.5 s, which meets the recovery of the first.
 */
final class Killer implements Disturbance<Kills> {
    private static final int LONGEST_PAUSE_MS = 3000;
    private static final int LONGEST_DOUBLE_PAUSE_MS = 1500;
    private static final int DOUBLE_EVERY = 5;

    /** Unfinished sessions for each one that speaks, beyond which the job may catch up first. */
    private static final int MOST_BACKLOG = 3;

    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration CATCH_UP_LIMIT = Duration.ofMinutes(5);

    private final int wanted;
    private final Random random;
    private final Consumer<String> progress;
    private final List<Kill> kills = new ArrayList<>();
    private final List<Long> detectedMs = new ArrayList<>();
    private final List<Long> restartedMs = new ArrayList<>();
    private int leastLive = Integer.MAX_VALUE;

    /** A TaskManager that was killed just now. */
    private record Victim(int number, long nanos, Instant time, Set<String> affected) {}

    /**
     * @param wanted TaskManagers to kill
     * @param seed of all that is random
     * @param progress is told of each kill
     */
    Killer(int wanted, long seed, Consumer<String> progress) {
        this.wanted = wanted;
        this.random = new Random(seed);
        this.progress = progress;
    }

    @Override
    public Kills disturb(LiveCluster live)
            throws IOException, InterruptedException, TimeoutException {
        long restarts = live.job().restarts();
        while (kills.size() < wanted) {
            if (random.nextBoolean()) {
                awaitCheckpoint(live);
            }
            awaitFewerThan(live, MOST_BACKLOG * live.load().speaking());
            Thread.sleep(random.nextInt(LONGEST_PAUSE_MS));
            live.load().requireAlive();
            restarts = killAndWait(live, restarts);
        }
        return new Kills(kills, detectedMs, restartedMs, restarts, leastLive);
    }

    /** Waits until the job has got further than where it would recover to now. */
    private static void awaitCheckpoint(LiveCluster live)
            throws IOException, InterruptedException, TimeoutException {
        long completed = live.job().checkpoints().completed();
        long deadline = System.nanoTime() + LiveCluster.RUNNING_LIMIT.toNanos();
        while (live.job().checkpoints().completed() <= completed) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "the job completed no checkpoint in "
                                + LiveCluster.RUNNING_LIMIT.toSeconds()
                                + " s after it was restarted");
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    /**
     * Waits while too many sessions have spoken and wait for their captions: on a machine that is
     * killed more quickly than it catches up, no session would ever get to its end.
     */
    private static void awaitFewerThan(LiveCluster live, int sessions)
            throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + CATCH_UP_LIMIT.toNanos();
        while (live.liveSessions().size() > sessions) {
            live.load().requireAlive();
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "more than "
                                + sessions
                                + " sessions wait for their captions after "
                                + CATCH_UP_LIMIT.toMinutes()
                                + " minutes without a kill: this machine does not carry so many"
                                + " sessions, name fewer");
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    private long killAndWait(LiveCluster live, long restartsBefore)
            throws IOException, InterruptedException, TimeoutException {
        ClusterJob job = live.job();
        List<Integer> working = new ArrayList<>(job.workers());
        working.retainAll(live.cluster().taskManagers());
        if (working.isEmpty()) {
            throw new IOException("no TaskManager runs tasks of the job, though it should run");
        }
        Collections.shuffle(working, random);
        List<Victim> victims = new ArrayList<>();
        victims.add(kill(live, working.get(0)));
        if (working.size() > 1 && kills.size() + 1 < wanted && random.nextInt(DOUBLE_EVERY) == 0) {
            Thread.sleep(random.nextInt(LONGEST_DOUBLE_PAUSE_MS));
            victims.add(kill(live, working.get(1)));
        }
        long restarts = awaitRecovery(live, restartsBefore, victims);
        long runningNanos = System.nanoTime();
        Instant resumed = since(job, JobStatus.RUNNING);
        for (Victim victim : victims) {
            long tookMs = (runningNanos - victim.nanos()) / 1_000_000;
            kills.add(new Kill(victim.nanos(), resumed.toEpochMilli() * 1000, victim.affected()));
            leastLive = Math.min(leastLive, victim.affected().size());
            progress.accept(
                    "kill "
                            + kills.size()
                            + " of "
                            + wanted
                            + ": TaskManager "
                            + victim.number()
                            + " with "
                            + victim.affected().size()
                            + " live sessions, all tasks run again after "
                            + tookMs
                            + " ms");
        }
        if (victims.size() == 1) {
            Victim victim = victims.get(0);
            restartedMs.add((runningNanos - victim.nanos()) / 1_000_000);
            detectedMs.add(
                    Duration.between(victim.time(), since(job, JobStatus.RESTARTING)).toMillis());
        }
        return restarts;
    }

    private static Victim kill(LiveCluster live, int number) throws InterruptedException {
        Set<String> affected = live.liveSessions();
        long nanos = System.nanoTime();
        Instant time = Instant.now();
        live.cluster().killTaskManager(number);
        return new Victim(number, nanos, time, affected);
    }

    /** Waits until the job was restarted and runs, and no task where it was killed. */
    private static long awaitRecovery(LiveCluster live, long restartsBefore, List<Victim> victims)
            throws IOException, InterruptedException, TimeoutException {
        List<Integer> dead = victims.stream().map(Victim::number).toList();
        ClusterJob job = live.job();
        ProcessCluster cluster = live.cluster();
        long deadline = System.nanoTime() + LiveCluster.RUNNING_LIMIT.toNanos();
        while (true) {
            job.waitUntilRunning(LiveCluster.RUNNING_LIMIT);
            long restarts = job.restarts();
            if (restarts > restartsBefore && Collections.disjoint(job.workers(), dead)) {
                return restarts;
            }
            if (cluster.broken().isDone()) {
                throw new IOException("Kafka or the JobManager ended");
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "the job was not restarted after TaskManagers " + dead + " were killed");
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    private static Instant since(ClusterJob job, JobStatus status)
            throws IOException, InterruptedException {
        return job.since(status)
                .orElseThrow(() -> new IOException("the job was restarted, but never " + status));
    }
}
