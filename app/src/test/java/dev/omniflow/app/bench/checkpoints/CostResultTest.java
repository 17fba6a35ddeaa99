package dev.omniflow.app.bench.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.runtime.EmbeddedCheckpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CostResultTest {
    private static CpuUse use(double tasks, double broker) {
        return new CpuUse(tasks + broker, Map.of(Part.TASKS, tasks, Part.BROKER, broker));
    }

    private static EmbeddedCheckpoint checkpoint(long id, long bytes, long millis) {
        return new EmbeddedCheckpoint(id, 2 * bytes, bytes, Duration.ofMillis(millis));
    }

    private final CostResult result =
            new CostResult(
                    4,
                    List.of(
                            new WindowPair(use(5, 5), use(6, 5)),
                            new WindowPair(use(5, 5), use(5, 5)),
                            new WindowPair(use(5, 5), use(5.5, 5))),
                    List.of(checkpoint(1, 100, 10), checkpoint(2, 300, 90), checkpoint(3, 200, 20)),
                    48,
                    0);

    @Test
    void costIsTheMedianOfThePairs() {
        ObjectNode json = result.json();
        assertThat(json.get("cost_percent").asDouble()).isEqualTo(5);
        assertThat(json.get("cost_percent_spread").toString()).isEqualTo("[0.0,10.0]");
        assertThat(json.get("job_cost_percent").asDouble()).isEqualTo(10);
        assertThat(json.get("cpu_s_without").asDouble()).isEqualTo(10);
        assertThat(json.get("cpu_s_with").asDouble()).isEqualTo(10.5);
        assertThat(json.at("/cpu_s_by_part/tasks/with").asDouble()).isEqualTo(5.5);
        assertThat(json.at("/cpu_s_by_part/lanes/with").asDouble()).isZero();
    }

    @Test
    void tellsOfCheckpoints() {
        ObjectNode json = result.json();
        assertThat(json.get("checkpoints").asInt()).isEqualTo(3);
        assertThat(json.get("checkpoint_bytes").asLong()).isEqualTo(200);
        assertThat(json.get("state_bytes").asLong()).isEqualTo(400);
        assertThat(json.get("bytes_per_session").asLong()).isEqualTo(100);
        assertThat(json.get("program_bytes_per_session").asLong()).isEqualTo(12);
        assertThat(json.get("checkpoint_ms_p50").asLong()).isEqualTo(20);
        assertThat(json.get("checkpoint_ms_max").asLong()).isEqualTo(90);
    }

    @Test
    void saysItInALine() {
        assertThat(result.text("sessions"))
                .startsWith("4 sessions: 10.00 CPU s without checkpoints, 10.50 with: 5.0 %");
    }
}
