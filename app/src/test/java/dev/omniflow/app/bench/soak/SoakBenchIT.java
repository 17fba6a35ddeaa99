package dev.omniflow.app.bench.soak;

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

/** A short soak: sessions that end and sessions that are left all go, and that much is known. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SoakBenchIT {
    private static final String[] KEYS = {
        "sessions",
        "ended",
        "abandoned",
        "forgotten",
        "dropped_inputs",
        "opening_s",
        "life_s",
        "heap_mb_before",
        "heap_mb_peak",
        "heap_mb_after",
        "direct_mb_before",
        "direct_mb_peak",
        "direct_mb_after",
        "rss_mb_before",
        "rss_mb_peak",
        "rss_mb_after",
        "tensors_in_use_mb_before",
        "tensors_in_use_mb_peak",
        "tensors_in_use_mb_after",
        "tensors_idle_mb_before",
        "tensors_idle_mb_peak",
        "tensors_idle_mb_after",
        "checkpoint_bytes_before",
        "checkpoint_bytes_peak",
        "checkpoint_bytes_after",
        "remembered_bytes_per_session",
        "sessions_in_memory_peak",
        "sessions_in_memory_after",
        "returned",
        "not_returned",
        "unload_after_ms",
        "forget_after_ms",
        "state_backend",
        "load_average"
    };

    @Test
    void sessionsThatEndAndSessionsThatAreLeftAllGo() throws Exception {
        CapturedConsole console = new CapturedConsole();
        int code =
                CommandLines.run(
                        console.console(),
                        RealThings.home(),
                        "bench",
                        "soak",
                        "--json",
                        "--sessions",
                        "13",
                        "--minutes",
                        "0.1",
                        "--life",
                        "2",
                        "--unload-after",
                        "500",
                        "--forget-after",
                        // More than a busy machine stands still: else sessions in use are
                        // forgotten.
                        "10000");
        assertThat(console.errorLines()).isEmpty();
        JsonNode result = new ObjectMapper().readTree(console.out());
        List<String> keys = new ArrayList<>();
        result.fieldNames().forEachRemaining(keys::add);
        assertThat(keys).containsExactly(KEYS);
        assertThat(result.get("ended").asInt()).isEqualTo(7);
        assertThat(result.get("abandoned").asInt()).isEqualTo(6);
        assertThat(result.get("forgotten").asInt()).isEqualTo(6);
        assertThat(result.get("dropped_inputs").asInt()).isZero();
        assertThat(result.get("sessions_in_memory_peak").asInt()).isPositive();
        assertThat(result.get("sessions_in_memory_after").asInt()).isZero();
        assertThat(result.get("checkpoint_bytes_peak").asLong())
                .isGreaterThan(result.get("checkpoint_bytes_after").asLong());
        // Memory of a whole test process is its neighbours' affair; what sessions hold is ours.
        assertThat(result.get("not_returned"))
                .extracting(JsonNode::asText)
                .isSubsetOf("heap", "direct memory", "resident memory");
        assertThat(code)
                .isEqualTo(result.get("returned").asBoolean() ? ExitCode.OK : ExitCode.FAILURE);
    }
}
