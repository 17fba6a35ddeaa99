package dev.omniflow.app.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.RealThings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The whole measurement, with real models, a real job and few calls: its shape, never its times.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OperatorBenchIT {
    private static final String[] KEYS = {
        "graph",
        "sessions",
        "calls_per_s",
        "ratio_to_bare",
        "ratio_to_async",
        "mean_batch",
        "bare_calls_per_s",
        "async_calls_per_s",
        "lanes_busy",
        "run_ms",
        "bare_run_ms",
        "calls_per_s_spread",
        "ratio_to_bare_spread",
        "ratio_to_async_spread"
    };

    /** That the three ways give the same results is what the command itself sees to. */
    @Test
    void printsAnObjectForEachGraphAndNumberOfSessions() throws Exception {
        CapturedConsole console = new CapturedConsole();
        int code =
                CommandLines.run(
                        console.console(),
                        RealThings.home(),
                        "bench",
                        "operator",
                        "--json",
                        "--model",
                        "whisper-tiny.en",
                        "--decoding-sessions",
                        "1,3",
                        "--voice-sessions",
                        "5",
                        // Past the first bucket of the cache.
                        "--tokens",
                        "33",
                        "--sound",
                        "2",
                        "--threads",
                        "2",
                        "--seconds",
                        "0.01",
                        "--repeats",
                        "2");
        assertThat(console.errorLines()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);
        JsonNode list = new ObjectMapper().readTree(console.out());
        assertThat(list.isArray()).isTrue();
        List<String> measured = new ArrayList<>();
        for (JsonNode each : list) {
            List<String> keys = new ArrayList<>();
            each.fieldNames().forEachRemaining(keys::add);
            assertThat(keys).containsExactly(KEYS);
            int sessions = each.get("sessions").asInt();
            measured.add(each.get("graph").asText() + " " + sessions);
            assertThat(each.get("mean_batch").asDouble()).isBetween(1.0, (double) sessions);
            assertThat(each.get("calls_per_s").asDouble()).isPositive();
            assertThat(each.get("ratio_to_bare").asDouble()).isPositive();
            assertThat(each.get("ratio_to_async").asDouble()).isPositive();
            for (String spread : List.of("calls_per_s", "ratio_to_bare", "ratio_to_async")) {
                JsonNode ends = each.get(spread + "_spread");
                assertThat(ends).hasSize(2);
                assertThat(each.get(spread).asDouble())
                        .isBetween(ends.get(0).asDouble(), ends.get(1).asDouble());
            }
        }
        assertThat(measured)
                .containsExactly(
                        "whisper-tiny.en/decoder 1",
                        "whisper-tiny.en/decoder 3",
                        "silero-vad/vad 5");
    }
}
