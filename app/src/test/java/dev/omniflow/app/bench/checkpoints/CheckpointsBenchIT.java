package dev.omniflow.app.bench.checkpoints;

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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole measurement with few sessions and short windows: its shape, never its times. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CheckpointsBenchIT {
    private static final List<String> KEYS =
            List.of(
                    "sessions",
                    "pairs",
                    "cpu_s_without",
                    "cpu_s_with",
                    "cost_percent",
                    "cost_percent_spread",
                    "job_cost_percent",
                    "job_cost_percent_spread",
                    "checkpoints",
                    "checkpoint_bytes",
                    "state_bytes",
                    "bytes_per_session",
                    "program_bytes_per_session",
                    "checkpoint_ms_p50",
                    "checkpoint_ms_max",
                    "recogniser_calls",
                    "cpu_s_by_part");

    private static final List<String> FURTHER_KEYS =
            List.of("captions", "interval_ms", "window_s", "state_backend", "load_average");

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void printsWhatCheckpointsCost(String stateBackend) throws Exception {
        CapturedConsole console = new CapturedConsole();
        int code =
                CommandLines.run(
                        console.console(),
                        RealThings.home(),
                        "bench",
                        "checkpoints",
                        "--json",
                        "--sessions",
                        "5",
                        "--caption-sessions",
                        "1",
                        "--pairs",
                        "1",
                        "--window",
                        "3",
                        "--interval",
                        "500",
                        "--state-backend",
                        stateBackend);
        assertThat(console.errorLines()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK);

        JsonNode result = new ObjectMapper().readTree(console.out());
        List<String> all = new ArrayList<>(KEYS);
        all.addAll(FURTHER_KEYS);
        assertThat(names(result)).containsExactlyElementsOf(all);
        assertThat(names(result.get("captions"))).containsExactlyElementsOf(KEYS);
        assertThat(result.get("state_backend").asText()).isEqualTo(stateBackend);
        assertMeasured(result, 5);
        assertMeasured(result.get("captions"), 1);
        assertThat(result.get("recogniser_calls").asLong()).isZero();
        assertThat(result.at("/captions/recogniser_calls").asLong()).isPositive();
    }

    private static void assertMeasured(JsonNode result, int sessions) {
        assertThat(result.get("sessions").asInt()).isEqualTo(sessions);
        assertThat(result.get("cpu_s_without").asDouble()).isPositive();
        assertThat(result.get("cpu_s_with").asDouble()).isPositive();
        assertThat(result.get("checkpoints").asInt()).isPositive();
        assertThat(result.get("checkpoint_bytes").asLong()).isPositive();
        assertThat(result.get("bytes_per_session").asLong()).isPositive();
        assertThat(result.get("program_bytes_per_session").asLong()).isPositive();
        assertThat(names(result.get("cpu_s_by_part")))
                .containsExactly("tasks", "lanes", "clients", "flink", "broker", "load", "rest");
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
