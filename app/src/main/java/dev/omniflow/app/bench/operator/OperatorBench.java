package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Measures a graph in the three ways, which take turns. Used by one thread. */
final class OperatorBench {
    private final BenchCluster cluster;
    private final int lanes;
    private final Duration time;
    private final int repeats;
    private final Consumer<String> progress;

    /**
     * @param lanes threads of each way
     * @param time what each way is measured for in a repeat, at least
     * @param progress hears what is going on
     */
    OperatorBench(
            BenchCluster cluster,
            int lanes,
            Duration time,
            int repeats,
            Consumer<String> progress) {
        this.cluster = cluster;
        this.lanes = lanes;
        this.time = time;
        this.repeats = repeats;
        this.progress = progress;
    }

    CaseResult run(BenchCase measured, int sessions) throws BenchException, InterruptedException {
        Digests digests = new Digests();
        String title = measured.name() + ", " + sessions + " sessions: ";
        progress.accept(title + "starting");
        try (OperatorWay operator = new OperatorWay(cluster, measured, digests, sessions, lanes);
                BareWay bare =
                        new BareWay(
                                measured.bare(),
                                digests,
                                sessions,
                                measured.steps(),
                                lanes,
                                measured.maxBatch());
                AsyncWay async =
                        new AsyncWay(
                                cluster,
                                measured.bare(),
                                measured.opener(),
                                digests,
                                sessions,
                                measured.steps(),
                                lanes)) {
            // The first round of each loads, compiles and allocates.
            bare.setMeanBatch(operator.round().meanBatch());
            bare.round();
            async.round();
            List<CaseResult.Repeat> results = new ArrayList<>();
            for (int i = 1; i <= repeats; i++) {
                progress.accept(title + "repeat " + i + " of " + repeats);
                Measurement ours = operator.measure(time);
                bare.setMeanBatch(ours.meanBatch());
                results.add(new CaseResult.Repeat(ours, bare.measure(time), async.measure(time)));
            }
            return new CaseResult(measured.name(), sessions, lanes, results);
        } catch (OrtException e) {
            throw new BenchException("ONNX Runtime failed: " + e.getMessage(), e);
        }
    }
}
