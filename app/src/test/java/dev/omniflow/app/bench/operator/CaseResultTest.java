package dev.omniflow.app.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.omniflow.app.bench.operator.CaseResult.Repeat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaseResultTest {
    private static final long SECOND = 1_000_000_000L;

    /** Three repeats; the machine was half as fast in the second. */
    private static CaseResult result() {
        return new CaseResult(
                "tiny/decoder",
                16,
                2,
                List.of(
                        new Repeat(ours(900, 100), rate(1000), rate(300)),
                        new Repeat(ours(450, 50), rate(500), rate(100)),
                        new Repeat(ours(800, 200), rate(1000), rate(400))));
    }

    private static Measurement ours(long calls, long runs) {
        return new Measurement(calls, SECOND, runs, SECOND);
    }

    private static Measurement rate(long calls) {
        return new Measurement(2 * calls, 2 * SECOND, calls, calls * 2_000_000);
    }

    @Test
    void ratiosAreOfRepeatsAndNotOfMedians() throws Exception {
        assertThat(result().json())
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        """
                                        {"graph": "tiny/decoder", "sessions": 16,
                                         "calls_per_s": 800.0, "ratio_to_bare": 0.9,
                                         "ratio_to_async": 3.0, "mean_batch": 9.0,
                                         "bare_calls_per_s": 1000.0, "async_calls_per_s": 300.0,
                                         "lanes_busy": 0.5, "run_ms": 10.0, "bare_run_ms": 2.0,
                                         "calls_per_s_spread": [450.0, 900.0],
                                         "ratio_to_bare_spread": [0.8, 0.9],
                                         "ratio_to_async_spread": [2.0, 4.5]}
                                        """));
    }

    @Test
    void aLineOfTheTableStandsUnderTheHeading() {
        String line = result().line();
        assertThat(line)
                .isEqualTo(
                        "tiny/decoder                 16     800.0   9.00   0.50    1000.0"
                                + " 0.90 (0.80-0.90)     300.0 3.00 (2.00-4.50)"
                                + System.lineSeparator());
        assertThat(line).hasSameSizeAs(CaseResult.HEADING);
    }

    @Test
    void measurementsAddUp() {
        Measurement sum =
                Measurement.NONE
                        .plus(new Measurement(30, SECOND, 10, SECOND / 2))
                        .plus(new Measurement(10, SECOND, 10, SECOND / 2));
        assertThat(sum.callsPerSecond()).isEqualTo(20);
        assertThat(sum.meanBatch()).isEqualTo(2);
        assertThat(sum.busy(2)).isEqualTo(0.25);
    }
}
