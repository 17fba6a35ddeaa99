package dev.omniflow.app.bench.checkpoints;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.bench.live.Medians;
import dev.omniflow.app.runtime.EmbeddedCheckpoint;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What checkpoints cost under so many sessions.
 *
 * @param sessions that were live
 * @param pairs of windows; at least one
 * @param checkpoints that came in them; at least one
 * @param programBytes that the last of them wrote of the sessions' programs: what a session is but
 *     for the sound that it keeps
 * @param recogniserCalls graph calls of anything but voice activity
 */
record CostResult(
        int sessions,
        List<WindowPair> pairs,
        List<EmbeddedCheckpoint> checkpoints,
        long programBytes,
        long recogniserCalls) {
    CostResult {
        pairs = List.copyOf(pairs);
        checkpoints = List.copyOf(checkpoints);
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("sessions", sessions);
        json.put("pairs", pairs.size());
        json.put("cpu_s_without", Medians.rounded(median(pair -> pair.without().seconds()), 3));
        json.put("cpu_s_with", Medians.rounded(median(pair -> pair.with().seconds()), 3));
        json.put("cost_percent", Medians.rounded(costPercent(), 2));
        spread(json, "cost_percent_spread", WindowPair::costPercent);
        json.put("job_cost_percent", Medians.rounded(median(WindowPair::jobCostPercent), 2));
        spread(json, "job_cost_percent_spread", WindowPair::jobCostPercent);
        json.put("checkpoints", checkpoints.size());
        json.put("checkpoint_bytes", Math.round(bytes()));
        json.put("state_bytes", Math.round(stateBytes()));
        json.put("bytes_per_session", Math.round(stateBytes() / sessions));
        json.put("program_bytes_per_session", programBytes / sessions);
        json.put("checkpoint_ms_p50", Math.round(Medians.of(millis())));
        json.put(
                "checkpoint_ms_max",
                millis().stream().mapToLong(Long::longValue).max().orElseThrow());
        json.put("recogniser_calls", recogniserCalls);
        ObjectNode parts = json.putObject("cpu_s_by_part");
        for (Part part : Part.values()) {
            ObjectNode each = parts.putObject(part.toString());
            each.put("without", Medians.rounded(median(pair -> pair.without().of(part)), 3));
            each.put("with", Medians.rounded(median(pair -> pair.with().of(part)), 3));
        }
        return json;
    }

    /** For people. */
    String text(String what) {
        return String.format(
                Locale.ROOT,
                "%d %s: %.2f CPU s without checkpoints, %.2f with: %.1f %% (%.1f to %.1f); a"
                        + " checkpoint has %.0f bytes, %.0f a session, and takes %.0f ms%n",
                sessions,
                what,
                median(pair -> pair.without().seconds()),
                median(pair -> pair.with().seconds()),
                costPercent(),
                least(WindowPair::costPercent),
                most(WindowPair::costPercent),
                bytes(),
                stateBytes() / sessions,
                Medians.of(millis()));
    }

    double costPercent() {
        return median(WindowPair::costPercent);
    }

    private double bytes() {
        return Medians.of(checkpoints.stream().map(EmbeddedCheckpoint::writtenBytes).toList());
    }

    private double stateBytes() {
        return Medians.of(checkpoints.stream().map(EmbeddedCheckpoint::stateBytes).toList());
    }

    private List<Long> millis() {
        return checkpoints.stream().map(each -> each.duration().toMillis()).toList();
    }

    private void spread(ObjectNode json, String key, ToDoubleFunction<WindowPair> figure) {
        json.putArray(key)
                .add(Medians.rounded(least(figure), 2))
                .add(Medians.rounded(most(figure), 2));
    }

    private double median(ToDoubleFunction<WindowPair> figure) {
        return Medians.of(pairs.stream().map(figure::applyAsDouble).toList());
    }

    private double least(ToDoubleFunction<WindowPair> figure) {
        return pairs.stream().mapToDouble(figure).min().orElseThrow();
    }

    private double most(ToDoubleFunction<WindowPair> figure) {
        return pairs.stream().mapToDouble(figure).max().orElseThrow();
    }
}
