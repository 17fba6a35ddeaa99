package dev.omniflow.app.bench.recovery;

import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what a job wrote with what a fault-free run of the same log wrote: byte for byte, all
 * fields but the time of emission. Partials make no promise and are left out. No input or output.
 */
final class OutputCheck {
    private static final int MOST_FINDINGS = 20;

    private final List<String> findings = new ArrayList<>();
    private long lost;
    private long duplicated;
    private long changed;
    private long disordered;
    private long divergent;

    private OutputCheck() {}

    /**
     * Compares.
     *
     * @param expected of the fault-free run
     * @param actual of the run with faults; its live outputs with or without repeats
     * @param diverged repeats with other contents that the reader of the live topic dropped
     * @throws IllegalArgumentException if the fault-free run itself has an output twice
     */
    static CheckResult compare(Outputs expected, Outputs actual, long diverged) {
        OutputCheck check = new OutputCheck();
        Map<OutputId, ByteBuffer> record = byId(expected.record());
        check.record(record, actual.record());
        check.live(byId(expected.live()), actual.live());
        if (diverged > 0) {
            check.find(diverged + " repeats in the live topic came with other contents");
            check.divergent += diverged;
        }
        return new CheckResult(
                record.size(),
                check.lost,
                check.duplicated,
                check.changed,
                check.disordered,
                check.divergent,
                check.findings);
    }

    private static Map<OutputId, ByteBuffer> byId(List<OutputEvent> outputs) {
        Map<OutputId, ByteBuffer> byId = new LinkedHashMap<>();
        for (OutputEvent output : outputs) {
            if (output.getStream() != Stream.PARTIALS
                    && byId.put(OutputId.of(output), bytes(output)) != null) {
                throw new IllegalArgumentException(
                        "the fault-free run wrote " + OutputId.of(output) + " twice");
            }
        }
        return byId;
    }

    private void record(Map<OutputId, ByteBuffer> expected, List<OutputEvent> actual) {
        Set<OutputId> seen = new HashSet<>();
        Map<OutputId, Long> last = new HashMap<>();
        for (OutputEvent output : actual) {
            OutputId id = OutputId.of(output);
            if (!seen.add(id)) {
                duplicated++;
                find(id + " stands in the record again");
                continue;
            }
            ByteBuffer should = expected.get(id);
            if (!bytes(output).equals(should)) {
                changed++;
                find(
                        id
                                + (should == null
                                        ? " stands in the record, but the fault-free run has none"
                                        : " has other contents in the record"));
            }
            OutputId stream = new OutputId(id.session(), id.stream(), 0);
            Long before = last.put(stream, id.sequence());
            if (before != null && before > id.sequence()) {
                disordered++;
                find(id + " stands in the record after number " + before);
            }
        }
        missing(expected, seen, "the record");
    }

    private void live(Map<OutputId, ByteBuffer> expected, List<OutputEvent> actual) {
        Set<OutputId> seen = new HashSet<>();
        for (OutputEvent output : actual) {
            if (output.getStream() == Stream.PARTIALS) {
                continue;
            }
            OutputId id = OutputId.of(output);
            seen.add(id);
            if (!bytes(output).equals(expected.get(id))) {
                divergent++;
                find(id + " is not in the live topic as in the fault-free run");
            }
        }
        missing(expected, seen, "the live topic");
    }

    private void missing(Map<OutputId, ByteBuffer> expected, Set<OutputId> seen, String where) {
        for (OutputId id : expected.keySet()) {
            if (!seen.contains(id)) {
                lost++;
                find(id + " is missing from " + where);
            }
        }
    }

    private void find(String finding) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(finding);
        }
    }

    private static ByteBuffer bytes(OutputEvent output) {
        return ByteBuffer.wrap(
                EventCodec.OUTPUT.encode(
                        OutputEvent.newBuilder(output).setEmittedTimeUs(0).build()));
    }
}
