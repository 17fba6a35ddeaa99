package dev.omniflow.app.bench.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.omniflow.app.CapturedConsole;
import dev.omniflow.app.CommandLines;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.LibrarySettings;
import dev.omniflow.app.RealThings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both measurements, with real models and real processes, and few sessions. */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class RecoveryBenchIT {
    private static final List<String> COUNTS =
            List.of("lost", "duplicated", "changed", "disordered", "divergent");

    @BeforeAll
    static void configureLibraries() {
        LibrarySettings.apply(RealThings.home());
    }

    @Test
    void killedTaskManagersChangeNothing() throws Exception {
        JsonNode result =
                run(
                        "recovery",
                        "--kills",
                        "2",
                        "--sessions",
                        "3",
                        "--task-managers",
                        "2",
                        "--parallelism",
                        "2");
        assertThat(keys(result))
                .containsExactly(
                        "kills",
                        "finals",
                        "lost",
                        "duplicated",
                        "changed",
                        "disordered",
                        "divergent",
                        "recovery_ms_p50",
                        "recovery_ms_max",
                        "first_output_ms_p50",
                        "first_output_ms_max",
                        "detected_ms_p50",
                        "restarted_ms_p50",
                        "restarted_ms_max",
                        "recoveries",
                        "silent",
                        "job_restarts",
                        "live_sessions",
                        "sessions",
                        "repeated_live",
                        "model",
                        "seed",
                        "valid");
        assertThat(result.get("kills").asInt()).isEqualTo(2);
        assertThat(result.get("job_restarts").asInt()).isPositive();
        assertThat(result.get("recoveries").asInt()).isPositive();
        assertThat(result.get("live_sessions").asInt()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void rescalingChangesNothing() throws Exception {
        JsonNode result = run("rescale", "--sessions", "3", "--parallelisms", "1,2");
        assertThat(keys(result))
                .containsExactly(
                        "parallelisms",
                        "finals",
                        "lost",
                        "duplicated",
                        "changed",
                        "disordered",
                        "divergent",
                        "pause_ms",
                        "live_sessions",
                        "sessions",
                        "repeated_live",
                        "model",
                        "seed",
                        "valid");
        assertThat(result.get("pause_ms")).hasSize(1);
    }

    private static JsonNode run(String command, String... arguments) throws Exception {
        CapturedConsole console = new CapturedConsole();
        List<String> line = new ArrayList<>(List.of(command, "--json"));
        line.addAll(List.of(arguments));
        int code =
                CommandLines.run(
                        console.console(), RealThings.home(), "bench", line.toArray(String[]::new));
        assertThat(code)
                .as(() -> console.out() + "\n" + String.join("\n", console.errorLines()))
                .isEqualTo(ExitCode.OK);
        JsonNode result = new ObjectMapper().readTree(console.out());
        for (String count : COUNTS) {
            assertThat(result.get(count).asLong()).as(count).isZero();
        }
        assertThat(result.get("finals").asLong()).isPositive();
        assertThat(result.get("valid").asBoolean()).isTrue();
        return result;
    }

    private static List<String> keys(JsonNode result) {
        List<String> keys = new ArrayList<>();
        result.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
