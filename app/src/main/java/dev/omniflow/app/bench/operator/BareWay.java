package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A bare loop: each thread takes a group of sessions through the graph in lock step. As many
 * threads as the operator has lanes, but no more than there are sessions; groups as large as the
 * operator's batches are in the mean, so with many sessions there may be more here than there.
 */
final class BareWay implements Way {
    private static final String NAME = "the bare loop";

    private final Digests digests;
    private final int sessions;
    private final int steps;
    private final GroupSizes sizes;
    private final BareGraph graph;
    private final List<BareBatch> batches = new ArrayList<>();
    private final ExecutorService threads;

    /**
     * @param graph not owned
     * @param threads threads at most
     * @param maxBatch rows that the graph takes at most
     */
    BareWay(BareGraph graph, Digests digests, int sessions, int steps, int threads, int maxBatch)
            throws OrtException {
        this.graph = graph;
        this.digests = digests;
        this.sessions = sessions;
        this.steps = steps;
        int capacity = Math.min(sessions, maxBatch);
        sizes = new GroupSizes(capacity);
        for (int i = 0; i < Math.min(threads, sessions); i++) {
            batches.add(graph.batch(capacity));
        }
        this.threads = Executors.newFixedThreadPool(batches.size());
    }

    /** From the next round on, groups are of this size in the mean. */
    void setMeanBatch(double size) {
        sizes.setMean(size);
    }

    @Override
    public Measurement round() throws BenchException, InterruptedException {
        long[] begun = new long[1];
        CyclicBarrier start = new CyclicBarrier(batches.size(), () -> begun[0] = System.nanoTime());
        List<List<Carried>> groups = new ArrayList<>();
        List<Future<Run>> ends = new ArrayList<>();
        int first = 0;
        for (BareBatch batch : batches) {
            List<Carried> group = new ArrayList<>();
            for (int size = sizes.next(); size > 0; size--) {
                group.add(graph.start(first++ % sessions));
            }
            groups.add(group);
            ends.add(threads.submit(() -> run(batch, group, start)));
        }
        long end = Long.MIN_VALUE;
        long busy = 0;
        try {
            for (Future<Run> each : ends) {
                end = Math.max(end, each.get().end());
                busy += each.get().nanos();
            }
        } catch (ExecutionException e) {
            throw new BenchException("the bare loop failed: " + e.getCause(), e.getCause());
        }
        long calls = 0;
        for (int i = 0; i < groups.size(); i++) {
            List<Carried> group = groups.get(i);
            for (int row = 0; row < group.size(); row++) {
                digests.check(NAME, group.get(row).session(), batches.get(i).digest(row));
            }
            calls += (long) group.size() * steps;
        }
        return new Measurement(calls, end - begun[0], (long) batches.size() * steps, busy);
    }

    /** When it ended, and how long it took. */
    private record Run(long end, long nanos) {}

    private Run run(BareBatch batch, List<Carried> group, CyclicBarrier start)
            throws OrtException, InterruptedException, BrokenBarrierException {
        batch.load(group);
        start.await();
        long began = System.nanoTime();
        for (int step = 0; step < steps; step++) {
            batch.step();
        }
        long end = System.nanoTime();
        return new Run(end, end - began);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        batches.forEach(BareBatch::close);
    }
}
