package dev.omniflow.app.bench.operator;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * What people build with Flink as it is: one call for each record by async I/O, the session's state
 * in the record. A record that has a step to go is handed back to the source within the task.
 *
 * <p>Everything that could be is in its favour: no record ever leaves its task or is serialised, no
 * array is copied but into and out of the graph, order is not kept, no call has a timer, and there
 * are no checkpoints, which would write down every session's keys and values.
 */
final class AsyncWay implements Way {
    private static final String NAME = "async I/O";

    private final RunningJob<Carried, Carried> job;
    private final Digests digests;
    private final BareGraph starts;
    private final int sessions;
    private final int steps;

    /**
     * @param starts makes the sessions' beginnings; not owned
     */
    AsyncWay(
            BenchCluster cluster,
            BareGraph starts,
            GraphOpener opener,
            Digests digests,
            int sessions,
            int steps,
            int threads)
            throws BenchException, InterruptedException {
        this.starts = starts;
        this.digests = digests;
        this.sessions = sessions;
        this.steps = steps;
        Desk<Carried, Carried> desk = Desk.open(NAME);
        StreamExecutionEnvironment environment = cluster.environment(Duration.ZERO);
        DataStream<Carried> records =
                environment.fromSource(
                        new FeedSource<>(desk.name()),
                        WatermarkStrategy.noWatermarks(),
                        "records",
                        new CarriedType());
        AsyncDataStream.unorderedWait(
                        records, new AsyncStep(opener, threads), 0, TimeUnit.MILLISECONDS, sessions)
                .returns(new CarriedType())
                .flatMap(new Again(desk.name(), steps))
                .returns(new CarriedType())
                .sinkTo(new DiscardingSink<>());
        job = new RunningJob<>(desk, NAME, cluster.submit(environment, NAME));
    }

    /** Hands records back until all their steps are made. */
    private static final class Again extends RichFlatMapFunction<Carried, Carried> {
        private static final long serialVersionUID = 1;

        private final String deskName;
        private final int steps;
        private transient Desk<Carried, Carried> desk;

        Again(String deskName, int steps) {
            this.deskName = deskName;
            this.steps = steps;
        }

        @Override
        public void open(OpenContext context) {
            desk = Desk.named(deskName);
        }

        @Override
        public void flatMap(Carried carried, Collector<Carried> out) {
            if (carried.step() < steps) {
                desk.inputs().offer(carried);
            } else {
                desk.outputs().add(carried);
            }
        }
    }

    @Override
    public Measurement round() throws BenchException, InterruptedException {
        long began = System.nanoTime();
        for (int session = 0; session < sessions; session++) {
            job.desk().inputs().offer(starts.start(session));
        }
        for (int session = 0; session < sessions; session++) {
            Carried done = job.take();
            digests.check(NAME, done.session(), done.digest());
        }
        long calls = (long) sessions * steps;
        return new Measurement(calls, System.nanoTime() - began, calls, 0);
    }

    @Override
    public void close() {
        job.close();
    }
}
