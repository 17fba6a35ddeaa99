package dev.omniflow.app.bench.soak;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.bench.live.LiveJob;
import dev.omniflow.app.bench.live.LiveSession;
import dev.omniflow.app.bench.live.Pace;
import dev.omniflow.app.runtime.EmbeddedCheckpoint;
import dev.omniflow.ingest.PublishException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/** Lets sessions come and go, and looks at what they leave behind. Used by one thread. */
final class SoakBench {
    /** A sample collects garbage, which stops the job for a moment. */
    private static final Duration SAMPLE_EVERY = Duration.ofSeconds(15);

    /** Of a short run, so that it has some. */
    private static final int LEAST_SAMPLES = 20;

    /** How long the job may stand still. */
    private static final Duration STILL = Duration.ofMinutes(2);

    private static final Duration POLL = Duration.ofMillis(200);

    private final LiveJob job;
    private final short[] speech;
    private final short[] room;
    private final Duration forgetAfter;
    private final Consumer<String> status;

    /** Records of all sessions so far. */
    private long records;

    /** Sessions left so far. */
    private long abandoned;

    /** A session that is used, and until when. */
    private record Open(int number, LiveSession session, Duration until) {}

    /**
     * @param forgetAfter what the job was told: how long a session that is left keeps its state
     */
    SoakBench(
            LiveJob job,
            short[] speech,
            short[] room,
            Duration forgetAfter,
            Consumer<String> status) {
        this.job = job;
        this.speech = speech;
        this.room = room;
        this.forgetAfter = forgetAfter;
        this.status = status;
    }

    SoakResult run(SoakPlan plan) throws CommandException, InterruptedException {
        status.accept("warming up");
        use(plan.warmUp(), "warm-up-");
        awaitGone();
        Footprint before = Footprint.of(job);
        long expired = job.metrics().sum("expiredSessions");
        long dropped = job.metrics().sum("droppedInputs");
        Footprint peak = before.most(use(plan, "soak-"));
        awaitGone();
        return new SoakResult(
                plan,
                before,
                peak,
                Footprint.of(job),
                job.metrics().sum("expiredSessions") - expired,
                job.metrics().sum("droppedInputs") - dropped);
    }

    /** Opens sessions, lets them hear, ends or leaves them; gives the largest figures meanwhile. */
    private Footprint use(SoakPlan plan, String prefix)
            throws CommandException, InterruptedException {
        Queue<Open> open = new ArrayDeque<>();
        Footprint peak = Footprint.of(job);
        Pace pace = new Pace();
        Duration some = plan.opening().dividedBy(LEAST_SAMPLES);
        Duration between = some.compareTo(SAMPLE_EVERY) < 0 ? some : SAMPLE_EVERY;
        Duration sampleAt = between;
        int next = 0;
        try {
            for (long frame = 0; next < plan.sessions() || !open.isEmpty(); frame++) {
                Duration now = LiveSession.FRAME.multipliedBy(frame);
                pace.await(now);
                // In the order in which they opened, so the first have lived longest.
                while (!open.isEmpty() && open.peek().until().compareTo(now) <= 0) {
                    leave(plan, open.remove());
                }
                while (next < plan.sessions() && plan.opensAt(next).compareTo(now) <= 0) {
                    LiveSession session =
                            job.open(prefix + next, plan.speaks(next) ? speech : room, next);
                    open.add(new Open(next, session, now.plus(plan.life())));
                    next++;
                }
                for (Open each : open) {
                    each.session().frame();
                }
                if (now.compareTo(sampleAt) >= 0) {
                    job.requireRunning();
                    peak = peak.most(Footprint.of(job));
                    sampleAt = now.plus(between);
                    status.accept(next + " of " + plan.sessions() + " sessions");
                }
            }
        } catch (PublishException e) {
            throw CommandException.failure(e.getMessage(), e);
        }
        job.awaitFolded(records, STILL);
        return peak.most(Footprint.of(job));
    }

    private void leave(SoakPlan plan, Open open) throws PublishException, InterruptedException {
        if (plan.ends(open.number())) {
            open.session().end();
        } else {
            abandoned++;
        }
        open.session().flush();
        records += open.session().records();
    }

    /** Waits until sessions that were left are forgotten and checkpoints without them came. */
    private void awaitGone() throws CommandException, InterruptedException {
        status.accept("waiting until the job has forgotten the sessions");
        Duration limit = forgetAfter.multipliedBy(3).plusSeconds(30);
        Pace waited = new Pace();
        while (job.metrics().sum("sessions") > 0
                || job.metrics().sum("expiredSessions") < abandoned) {
            job.requireRunning();
            if (waited.passed().compareTo(limit) > 0) {
                // Whatever stays shows in the figures.
                return;
            }
            Thread.sleep(POLL.toMillis());
        }
        // One may be under way that began before.
        long enough = newestCheckpoint() + 2;
        while (newestCheckpoint() < enough) {
            job.requireRunning();
            Thread.sleep(POLL.toMillis());
        }
    }

    private long newestCheckpoint() throws CommandException, InterruptedException {
        List<EmbeddedCheckpoint> checkpoints = job.checkpoints();
        return checkpoints.isEmpty() ? 0 : checkpoints.get(checkpoints.size() - 1).id();
    }
}
