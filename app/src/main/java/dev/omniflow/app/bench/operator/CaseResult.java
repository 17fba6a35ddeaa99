package dev.omniflow.app.bench.operator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What was measured of a graph with a number of sessions.
 *
 * @param graph the graph
 * @param sessions sessions at a time
 * @param lanes threads that run the graph
 * @param repeats measurements, in each of which the ways took turns
 */
record CaseResult(String graph, int sessions, int lanes, List<Repeat> repeats) {
    CaseResult {
        repeats = List.copyOf(repeats);
    }

    /** The ways, one after another. Ratios are of these, since the machine may be shared. */
    record Repeat(Measurement operator, Measurement bare, Measurement async) {
        double ratioToBare() {
            return operator.callsPerSecond() / bare.callsPerSecond();
        }

        double ratioToAsync() {
            return operator.callsPerSecond() / async.callsPerSecond();
        }
    }

    /** The heading of {@link #line}. */
    static final String HEADING =
            String.format(
                    "%-22s %8s %9s %6s %6s %9s %16s %9s %16s%n",
                    "graph",
                    "sessions",
                    "calls/s",
                    "batch",
                    "busy",
                    "bare/s",
                    "ratio",
                    "async/s",
                    "ratio");

    private Spread spread(ToDoubleFunction<Repeat> value) {
        return Spread.of(repeats.stream().map(value::applyAsDouble).toList());
    }

    private Spread callsPerSecond() {
        return spread(repeat -> repeat.operator().callsPerSecond());
    }

    private double meanBatch() {
        return spread(repeat -> repeat.operator().meanBatch()).median();
    }

    private double busy() {
        return spread(repeat -> repeat.operator().busy(lanes)).median();
    }

    private double bareCallsPerSecond() {
        return spread(repeat -> repeat.bare().callsPerSecond()).median();
    }

    private double asyncCallsPerSecond() {
        return spread(repeat -> repeat.async().callsPerSecond()).median();
    }

    /** For a program: keys as in docs/operations.md. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("graph", graph);
        json.put("sessions", sessions);
        json.put("calls_per_s", rounded(callsPerSecond().median()));
        json.put("ratio_to_bare", rounded(spread(Repeat::ratioToBare).median()));
        json.put("ratio_to_async", rounded(spread(Repeat::ratioToAsync).median()));
        json.put("mean_batch", rounded(meanBatch()));
        json.put("bare_calls_per_s", rounded(bareCallsPerSecond()));
        json.put("async_calls_per_s", rounded(asyncCallsPerSecond()));
        json.put("lanes_busy", rounded(busy()));
        json.put("run_ms", rounded(spread(repeat -> repeat.operator().runMillis()).median()));
        json.put("bare_run_ms", rounded(spread(repeat -> repeat.bare().runMillis()).median()));
        json.set("calls_per_s_spread", ends(callsPerSecond()));
        json.set("ratio_to_bare_spread", ends(spread(Repeat::ratioToBare)));
        json.set("ratio_to_async_spread", ends(spread(Repeat::ratioToAsync)));
        return json;
    }

    private static ArrayNode ends(Spread spread) {
        return JsonNodeFactory.instance
                .arrayNode()
                .add(rounded(spread.least()))
                .add(rounded(spread.most()));
    }

    private static double rounded(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }

    /** For a person: a line of the table. */
    String line() {
        return String.format(
                Locale.ROOT,
                "%-22s %8d %9.1f %6.2f %6.2f %9.1f %16s %9.1f %16s%n",
                graph,
                sessions,
                callsPerSecond().median(),
                meanBatch(),
                busy(),
                bareCallsPerSecond(),
                text(spread(Repeat::ratioToBare)),
                asyncCallsPerSecond(),
                text(spread(Repeat::ratioToAsync)));
    }

    private static String text(Spread spread) {
        return String.format(
                Locale.ROOT, "%.2f (%.2f-%.2f)", spread.median(), spread.least(), spread.most());
    }
}
