package dev.omniflow.app.bench.recovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * How far what a job wrote departs from the fault-free run.
 *
 * @param finals outputs that the record should hold, each once
 * @param lost outputs that are in neither place where they should be: missing from the record, or
 *     missing from the live topic, one for each
 * @param duplicated outputs of the record beyond the first of their id
 * @param changed outputs of the record with other bytes than in the fault-free run, or that it does
 *     not have at all
 * @param disordered outputs of the record that came before one with a lower number of their stream
 * @param divergent repeats in the live topic with other contents than what they repeat, and outputs
 *     there with other bytes than in the fault-free run
 * @param findings what was wrong, for people; the first few
 */
record CheckResult(
        long finals,
        long lost,
        long duplicated,
        long changed,
        long disordered,
        long divergent,
        List<String> findings) {
    CheckResult {
        findings = List.copyOf(findings);
    }

    /** Whether nothing departs. */
    boolean holds() {
        return lost + duplicated + changed + disordered + divergent == 0;
    }

    void writeTo(ObjectNode json) {
        json.put("finals", finals);
        json.put("lost", lost);
        json.put("duplicated", duplicated);
        json.put("changed", changed);
        json.put("disordered", disordered);
        json.put("divergent", divergent);
    }
}
