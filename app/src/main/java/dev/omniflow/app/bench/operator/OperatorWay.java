package dev.omniflow.app.bench.operator;

import dev.omniflow.flink.InputOrder;
import dev.omniflow.flink.StatefulInference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * The stateful operator in a job with checkpoints, keyed by session. Each round has sessions of its
 * own, which end with it.
 */
final class OperatorWay implements Way {
    private static final String NAME = "the operator";
    private static final Duration CHECKPOINTS = Duration.ofSeconds(1);

    private final RunningJob<Tuple4<Integer, Long, Integer, short[]>, Tuple3<Integer, Long, String>>
            job;
    private final Digests digests;
    private final Script script;
    private final int sessions;
    private final int steps;
    private int firstSession;

    OperatorWay(BenchCluster cluster, BenchCase measured, Digests digests, int sessions, int lanes)
            throws BenchException, InterruptedException {
        this.digests = digests;
        this.sessions = sessions;
        script = measured.script();
        steps = measured.steps();
        Desk<Tuple4<Integer, Long, Integer, short[]>, Tuple3<Integer, Long, String>> desk =
                Desk.open(NAME);
        StreamExecutionEnvironment environment = cluster.environment(CHECKPOINTS);
        StatefulInference.of(
                        new BenchInference(
                                desk.name(),
                                measured.bundle().directory(),
                                measured.programs(),
                                lanes),
                        new Order())
                .apply(
                        "inference",
                        environment
                                .fromSource(
                                        new FeedSource<Tuple4<Integer, Long, Integer, short[]>>(
                                                desk.name()),
                                        WatermarkStrategy.noWatermarks(),
                                        "turns",
                                        Turn.TYPE)
                                .keyBy(turn -> turn.f0),
                        Answer.TYPE)
                .flatMap(new Witness(desk.name()))
                .returns(Answer.TYPE)
                .sinkTo(new DiscardingSink<>());
        job = new RunningJob<>(desk, NAME, cluster.submit(environment, NAME));
    }

    /** Turns are numbered by whoever wrote them. */
    private static final class Order
            implements InputOrder<Tuple4<Integer, Long, Integer, short[]>> {
        private static final long serialVersionUID = 1;

        @Override
        public long sequence(Tuple4<Integer, Long, Integer, short[]> turn) {
            return turn.f1;
        }

        @Override
        public int epoch(Tuple4<Integer, Long, Integer, short[]> turn) {
            return 0;
        }
    }

    /** Hands answers to the measurement. */
    private static final class Witness
            extends RichFlatMapFunction<
                    Tuple3<Integer, Long, String>, Tuple3<Integer, Long, String>> {
        private static final long serialVersionUID = 1;

        private final String deskName;
        private transient Desk<?, Tuple3<Integer, Long, String>> desk;

        Witness(String deskName) {
            this.deskName = deskName;
        }

        @Override
        public void open(OpenContext context) {
            desk = Desk.named(deskName);
        }

        @Override
        public void flatMap(
                Tuple3<Integer, Long, String> answer,
                Collector<Tuple3<Integer, Long, String>> out) {
            desk.outputs().add(answer);
        }
    }

    @Override
    public Measurement round() throws BenchException, InterruptedException {
        int prepared = 0;
        List<List<Tuple4<Integer, Long, Integer, short[]>>> turns = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            // Sessions over the same sound stay so from round to round.
            int session = firstSession + i;
            Optional<Tuple4<Integer, Long, Integer, short[]>> first = script.prepare(session);
            if (first.isPresent()) {
                job.desk().inputs().offer(first.get());
                prepared++;
            }
            turns.add(script.go(session));
        }
        firstSession += (sessions + Sound.COUNT - 1) / Sound.COUNT * Sound.COUNT;
        for (int i = 0; i < prepared; i++) {
            answer();
        }
        job.desk().runs().start();
        long began = System.nanoTime();
        offerInTurns(turns);
        for (int i = 0; i < sessions; i++) {
            Tuple3<Integer, Long, String> answer = answer();
            digests.check(NAME, answer.f0, answer.f1);
        }
        Measurement measured = job.desk().runs().stop(System.nanoTime() - began);
        if (measured.calls() != (long) sessions * steps) {
            throw new BenchException(
                    "expected "
                            + (long) sessions * steps
                            + " calls through the operator, but it ran "
                            + measured.calls());
        }
        return measured;
    }

    /** The first of every session, then the second of every session: as if all spoke at once. */
    private void offerInTurns(List<List<Tuple4<Integer, Long, Integer, short[]>>> turns) {
        for (int i = 0; i < turns.get(0).size(); i++) {
            for (List<Tuple4<Integer, Long, Integer, short[]>> ofSession : turns) {
                job.desk().inputs().offer(ofSession.get(i));
            }
        }
    }

    private Tuple3<Integer, Long, String> answer() throws BenchException, InterruptedException {
        Tuple3<Integer, Long, String> answer = job.take();
        if (!answer.f2.isEmpty()) {
            throw new BenchException("session " + answer.f0 + " failed: " + answer.f2);
        }
        return answer;
    }

    @Override
    public void close() {
        job.close();
    }
}
