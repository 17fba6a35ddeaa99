package dev.omniflow.app.bench.soak;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.bench.live.Medians;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What was there before the sessions, at most while they came, and after the last was forgotten.
 *
 * @param plan which sessions came
 * @param before warmed up, no session in memory
 * @param peak largest figures of the samples in between
 * @param after when the sessions are gone
 * @param expired sessions that the operator forgot because they were left
 * @param dropped inputs that it dropped; of these sessions it has to drop none
 */
record SoakResult(
        SoakPlan plan,
        Footprint before,
        Footprint peak,
        Footprint after,
        long expired,
        long dropped) {
    /** Room for what has nothing to do with sessions: Kafka's and Flink's own, code, metrics. */
    static final long HEAP_TOLERANCE = 32L << 20;

    static final long DIRECT_TOLERANCE = 16L << 20;

    static final double RESIDENT_TOLERANCE_SHARE = 0.15;
    static final long RESIDENT_TOLERANCE = 64L << 20;

    /**
     * That a session has ended is remembered for an hour, so that what comes late does not open it
     * again: its key and an expiry time.
     */
    static final long MARKER_BYTES = 64;

    static final long STATE_TOLERANCE = 16L << 10;

    /** What did not return; empty if all did. */
    List<String> notReturned() {
        List<String> amiss = new ArrayList<>();
        if (after.heap() > before.heap() + HEAP_TOLERANCE) {
            amiss.add("heap");
        }
        if (after.direct() > before.direct() + DIRECT_TOLERANCE) {
            amiss.add("direct memory");
        }
        double resident = before.resident() * (1 + RESIDENT_TOLERANCE_SHARE) + RESIDENT_TOLERANCE;
        if (after.resident() > resident) {
            amiss.add("resident memory");
        }
        if (after.inUse() > before.inUse()) {
            amiss.add("tensors in use");
        }
        if (after.state() > before.state() + plan.sessions() * MARKER_BYTES + STATE_TOLERANCE) {
            amiss.add("state");
        }
        if (after.sessions() > 0) {
            amiss.add("sessions in memory");
        }
        if (expired != plan.abandoned()) {
            amiss.add("forgotten sessions");
        }
        if (dropped > 0) {
            amiss.add("dropped inputs");
        }
        return amiss;
    }

    double markerBytes() {
        return (double) (after.state() - before.state()) / plan.sessions();
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("sessions", plan.sessions());
        json.put("ended", plan.ended());
        json.put("abandoned", plan.abandoned());
        json.put("forgotten", expired);
        json.put("dropped_inputs", dropped);
        json.put("opening_s", plan.opening().toSeconds());
        json.put("life_s", plan.life().toSeconds());
        megabytes(json, "heap_mb", Footprint::heap);
        megabytes(json, "direct_mb", Footprint::direct);
        megabytes(json, "rss_mb", Footprint::resident);
        megabytes(json, "tensors_in_use_mb", Footprint::inUse);
        megabytes(json, "tensors_idle_mb", Footprint::idle);
        json.put("checkpoint_bytes_before", before.state());
        json.put("checkpoint_bytes_peak", peak.state());
        json.put("checkpoint_bytes_after", after.state());
        json.put("remembered_bytes_per_session", Medians.rounded(markerBytes(), 1));
        json.put("sessions_in_memory_peak", peak.sessions());
        json.put("sessions_in_memory_after", after.sessions());
        List<String> amiss = notReturned();
        json.put("returned", amiss.isEmpty());
        ArrayNode list = json.putArray("not_returned");
        amiss.forEach(list::add);
        return json;
    }

    private void megabytes(ObjectNode json, String key, ToLongFunction<Footprint> figure) {
        json.put(key + "_before", megabytes(figure.applyAsLong(before)));
        json.put(key + "_peak", megabytes(figure.applyAsLong(peak)));
        json.put(key + "_after", megabytes(figure.applyAsLong(after)));
    }

    private static double megabytes(long bytes) {
        return Medians.rounded(bytes / 1e6, 1);
    }

    /** For people. */
    String text() {
        StringBuilder text =
                new StringBuilder(
                        String.format(
                                Locale.ROOT,
                                "%d sessions, of which %d ended and %d were left%n%24s %10s %10s"
                                        + " %10s%n",
                                plan.sessions(),
                                plan.ended(),
                                plan.abandoned(),
                                "",
                                "before",
                                "peak",
                                "after"));
        line(text, "heap, MB", Footprint::heap, 1e6);
        line(text, "direct memory, MB", Footprint::direct, 1e6);
        line(text, "resident, MB", Footprint::resident, 1e6);
        line(text, "checkpoint, kB", Footprint::state, 1e3);
        line(text, "sessions in memory", Footprint::sessions, 1);
        List<String> amiss = notReturned();
        text.append(
                amiss.isEmpty()
                        ? "all of it returned\n"
                        : "did not return: " + String.join(", ", amiss) + "\n");
        return text.toString();
    }

    private void line(
            StringBuilder text, String what, ToLongFunction<Footprint> figure, double unit) {
        text.append(
                String.format(
                        Locale.ROOT,
                        "%24s %10.1f %10.1f %10.1f%n",
                        what,
                        figure.applyAsLong(before) / unit,
                        figure.applyAsLong(peak) / unit,
                        figure.applyAsLong(after) / unit));
    }
}
