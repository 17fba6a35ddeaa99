package dev.omniflow.app.bench.checkpoints;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.bench.live.LiveJob;
import dev.omniflow.app.bench.live.LiveSession;
import dev.omniflow.app.bench.live.Pace;
import dev.omniflow.app.runtime.EmbeddedCheckpoint;
import dev.omniflow.ingest.PublishException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Compares windows with and without checkpoints, in turns, under the same live sessions of one job.
 * A window ends when all that was published in it has had its effects, so both do the same work
 * however busy the machine is. Used by one thread.
 */
final class CostBench {
    /** How long the job may stand still. */
    private static final Duration STILL = Duration.ofMinutes(2);

    /** What follows a checkpoint: its transactions are committed. */
    private static final Duration SETTLE = Duration.ofMillis(300);

    private final LiveJob job;
    private final List<LiveSession> sessions;
    private final CostPlan plan;
    private final Consumer<String> status;
    private final Set<Long> checkpoints = new HashSet<>();

    CostBench(LiveJob job, List<LiveSession> sessions, CostPlan plan, Consumer<String> status) {
        this.job = job;
        this.sessions = List.copyOf(sessions);
        this.plan = plan;
        this.status = status;
    }

    CostResult run() throws CommandException, InterruptedException {
        status.accept("warming up " + sessions.size() + " sessions");
        window(plan.warmUp(), true);
        checkpoints.clear();
        long callsBefore = job.recogniserCalls();
        List<WindowPair> pairs = new ArrayList<>();
        long programBytes = 0;
        for (int pair = 0; pair < plan.pairs(); pair++) {
            status.accept(
                    sessions.size() + " sessions, pair " + (pair + 1) + " of " + plan.pairs());
            // In turns as to which goes first, so that a drift of the machine hits both alike.
            boolean withFirst = pair % 2 == 1;
            CpuUse first = window(plan.window(), withFirst);
            CpuUse second = window(plan.window(), !withFirst);
            pairs.add(withFirst ? new WindowPair(second, first) : new WindowPair(first, second));
            programBytes = job.metrics().sum("checkpointedStateBytes");
        }
        List<EmbeddedCheckpoint> counted =
                job.checkpoints().stream().filter(each -> checkpoints.contains(each.id())).toList();
        return new CostResult(
                sessions.size(), pairs, counted, programBytes, job.recogniserCalls() - callsBefore);
    }

    private CpuUse window(Duration length, boolean checkpointed)
            throws CommandException, InterruptedException {
        CpuClock begin = CpuClock.read();
        if (checkpointed) {
            Checkpointer checkpointer =
                    Checkpointer.start(
                            job, plan.interval(), (int) length.dividedBy(plan.interval()));
            play(length);
            checkpoints.addAll(checkpointer.stop());
        } else {
            play(length);
        }
        Thread.sleep(SETTLE.toMillis());
        return CpuClock.read().since(begin);
    }

    /** Lets all sessions hear so much in real time, and waits until the job is done with it. */
    private void play(Duration length) throws CommandException, InterruptedException {
        Pace pace = new Pace();
        long frames = length.dividedBy(LiveSession.FRAME);
        int size = sessions.size();
        try {
            for (long frame = 0; frame < frames; frame++) {
                for (int session = 0; session < size; session++) {
                    // Sessions are spread over the frame, as those of different people are.
                    pace.await(
                            LiveSession.FRAME
                                    .multipliedBy(frame)
                                    .plus(LiveSession.FRAME.multipliedBy(session).dividedBy(size)));
                    sessions.get(session).frame();
                }
            }
            for (LiveSession session : sessions) {
                session.flush();
            }
        } catch (PublishException e) {
            throw CommandException.failure(e.getMessage(), e);
        }
        job.awaitFolded(sessions.stream().mapToLong(LiveSession::records).sum(), STILL);
    }
}
