package dev.omniflow.flink.internal;

import dev.omniflow.flink.RolloutVerdict;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Waits until every subtask has reported a trial, or one has refused; then gives the verdict.
 *
 * <p>What it knows is no state: after a restart all trials that are not decided are made, and
 * reported, again. Reports of an earlier run that were still under way count by themselves.
 */
public final class RolloutGate implements FlatMapFunction<RolloutReport, RolloutVerdict> {
    private static final long serialVersionUID = 1;

    private transient Map<Trial, Tally> tallies = new HashMap<>();

    private record Trial(String run, String role, String rollout) {}

    private static final class Tally {
        private final BitSet reported = new BitSet();
        private boolean decided;
    }

    @Override
    public void flatMap(RolloutReport report, Collector<RolloutVerdict> out) {
        Trial trial = new Trial(report.run(), report.role(), report.rollout());
        Tally tally = tallies.computeIfAbsent(trial, first -> new Tally());
        tally.reported.set(report.subtask());
        boolean complete = tally.reported.cardinality() == report.parallelism();
        if (!tally.decided && (complete || report.refusal() != null)) {
            tally.decided = true;
            out.collect(new RolloutVerdict(report.role(), report.rollout(), report.refusal()));
        }
        if (complete) {
            tallies.remove(trial);
        }
    }

    private void readObject(java.io.ObjectInputStream in)
            throws java.io.IOException, ClassNotFoundException {
        in.defaultReadObject();
        tallies = new HashMap<>();
    }
}
