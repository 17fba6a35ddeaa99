package dev.omniflow.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The operator in a real job that fails again and again. */
class StatefulInferenceJobTest {
    private static final int SESSIONS = 12;
    private static final int INPUTS = 2000;
    private static final int FAILURES = 3;

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    /** Keeps what each session emitted as state, and fails some time after a checkpoint. */
    private static final class Witness extends RichFlatMapFunction<String, String>
            implements CheckpointListener {
        private static final long serialVersionUID = 1;
        private static final AtomicInteger FAILED = new AtomicInteger();
        private static final Map<String, List<String>> SEEN = new ConcurrentHashMap<>();

        private transient ListState<String> outputs;
        private transient int sinceCheckpoint;

        static void forget() {
            FAILED.set(0);
            SEEN.clear();
        }

        @Override
        public void open(OpenContext context) {
            sinceCheckpoint = -1;
            outputs =
                    getRuntimeContext()
                            .getListState(new ListStateDescriptor<>("outputs", Types.STRING));
        }

        @Override
        public void flatMap(String output, Collector<String> out) throws Exception {
            outputs.add(output);
            if (sinceCheckpoint >= 0 && ++sinceCheckpoint > 10 && FAILED.get() < FAILURES) {
                FAILED.incrementAndGet();
                throw new IllegalStateException("induced failure");
            }
            if (output.contains(" bye ")) {
                List<String> all = new ArrayList<>();
                outputs.get().forEach(all::add);
                SEEN.put(session(output), all);
            }
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            sinceCheckpoint = Math.max(0, sinceCheckpoint);
        }
    }

    private static String session(String output) {
        return output.substring(0, output.indexOf(' '));
    }

    private static Tuple4<String, Integer, Long, String> input(long number) {
        long sequence = number / SESSIONS;
        String text = sequence == INPUTS - 1 ? FoldProgram.END : "t" + number * 7919 % 1009;
        return Tuple4.of("s" + number % SESSIONS, 0, sequence, text);
    }

    @ParameterizedTest
    @CsvSource({"hashmap, false", "hashmap, true", "rocksdb, false", "rocksdb, true"})
    void failuresChangeNoOutput(String backend, boolean unaligned) throws Exception {
        Witness.forget();
        FoldInference provider = new FoldInference();
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(10));
        options.set(CheckpointingOptions.ENABLE_UNALIGNED, unaligned);
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, FAILURES);
        options.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        options.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(options);
        env.setParallelism(2);
        TypeInformation<Tuple4<String, Integer, Long, String>> inputType =
                Types.TUPLE(Types.STRING, Types.INT, Types.LONG, Types.STRING);
        var inputs =
                env.fromSource(
                                new NumberSequenceSource(0, (long) SESSIONS * INPUTS - 1),
                                WatermarkStrategy.noWatermarks(),
                                "numbers")
                        .setParallelism(1)
                        .map(StatefulInferenceJobTest::input)
                        .returns(inputType)
                        .setParallelism(1)
                        .keyBy(input -> input.f0, Types.STRING);
        StatefulInference.of(provider, new FoldOrder())
                .maxPendingInputs(8)
                .apply("fold", inputs, Types.STRING)
                .keyBy(StatefulInferenceJobTest::session, Types.STRING)
                .flatMap(new Witness())
                .returns(Types.STRING)
                .sinkTo(new DiscardingSink<>());
        env.execute();

        assertThat(Witness.FAILED).hasPositiveValue();
        assertThat(Witness.SEEN).hasSize(SESSIONS);
        for (int session = 0; session < SESSIONS; session++) {
            List<String> texts = new ArrayList<>();
            for (long sequence = 0; sequence < INPUTS; sequence++) {
                texts.add(input(sequence * SESSIONS + session).f3);
            }
            assertThat(Witness.SEEN.get("s" + session))
                    .isEqualTo(FoldProgram.expected("s" + session, texts));
        }
        assertThat(provider.runtime().open()).isZero();
    }
}
