package dev.omniflow.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
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
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator in a real job that fails again and again. */
class StatefulInferenceJobTest {
    private static final int SESSIONS = 12;
    private static final int INPUTS = 2000;
    private static final int FAILURES = 3;
    private static final int POISONED_SESSIONS = 32;
    private static final int POISONED_INPUTS = 300;

    /** Slow enough that a savepoint finds the job at work. */
    private static final long SLOWLY = 50_000;

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(4)
                            .build());

    /** Keeps what each session emitted as state, and fails some time after a checkpoint. */
    private static final class Witness extends RichFlatMapFunction<String, String>
            implements CheckpointListener {
        private static final long serialVersionUID = 1;
        private static final AtomicInteger FAILED = new AtomicInteger();
        private static final AtomicInteger PASSED = new AtomicInteger();
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
            PASSED.incrementAndGet();
            if (sinceCheckpoint >= 0 && ++sinceCheckpoint > 10 && FAILED.get() < FAILURES) {
                FAILED.incrementAndGet();
                throw new IllegalStateException("induced failure");
            }
            if (output.contains(" bye ") || output.endsWith(" fault")) {
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
    @CsvSource({
        "hashmap, false, false",
        "hashmap, true, false",
        "rocksdb, false, false",
        "rocksdb, true, false",
        "rocksdb, true, true"
    })
    void failuresChangeNoOutput(String backend, boolean unaligned, boolean incremental)
            throws Exception {
        Witness.forget();
        FoldInference provider = new FoldInference();
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(10));
        options.set(CheckpointingOptions.ENABLE_UNALIGNED, unaligned);
        options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incremental);
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, FAILURES);
        options.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        options.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env = job(provider, options, 2, 0);
        env.execute();

        assertThat(Witness.FAILED).hasPositiveValue();
        assertEveryOutputOnce();
        assertThat(provider.runtime().open()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void savepointsRescaleWhatRuns(
            String backend, @TempDir Path folder, @InjectMiniCluster MiniCluster cluster)
            throws Exception {
        Witness.forget();
        Witness.FAILED.set(FAILURES);
        FoldInference provider = new FoldInference();
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        for (int parallelism : new int[] {1, 4, 2}) {
            Witness.PASSED.set(0);
            JobClient job = job(provider, options, parallelism, SLOWLY).executeAsync();
            while (Witness.PASSED.get() < 2000 || !allTasksRun(cluster, job.getJobID())) {
                assertThat(job.getJobStatus().get().isTerminalState()).isFalse();
                Thread.sleep(1);
            }
            String savepoint =
                    job.stopWithSavepoint(false, folder.toString(), SavepointFormatType.CANONICAL)
                            .get();
            options.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        job(provider, options, 3, 0).execute();

        assertEveryOutputOnce();
        assertThat(provider.runtime().open()).isZero();
    }

    /** One of 32 sessions sends what no graph can run. */
    private static Tuple4<String, Integer, Long, String> partlyPoisonous(long number) {
        long sequence = number / POISONED_SESSIONS;
        long session = number % POISONED_SESSIONS;
        String text = "t" + number * 7919 % 1009;
        if (session == 13 && sequence == 20) {
            text = FoldInference.POISON;
        } else if (sequence == POISONED_INPUTS - 1) {
            text = FoldProgram.END;
        }
        return Tuple4.of("s" + session, 0, sequence, text);
    }

    @Test
    void aPoisonousInputHarmsNobodyElse() throws Exception {
        Witness.forget();
        Witness.FAILED.set(FAILURES);
        FoldInference provider = new FoldInference();
        Configuration options = new Configuration();
        // A restart would end it.
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(10));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(options);
        env.setParallelism(2);
        var inputs =
                env.fromSource(
                                new NumberSequenceSource(
                                        0, (long) POISONED_SESSIONS * POISONED_INPUTS - 1),
                                WatermarkStrategy.noWatermarks(),
                                "numbers")
                        .setParallelism(1)
                        .map(StatefulInferenceJobTest::partlyPoisonous)
                        .returns(
                                Types.<Tuple4<String, Integer, Long, String>>TUPLE(
                                        Types.STRING, Types.INT, Types.LONG, Types.STRING))
                        .setParallelism(1)
                        .keyBy(input -> input.f0, Types.STRING);
        StatefulInference.of(provider, new FoldOrder())
                .apply("fold", inputs, Types.STRING)
                .keyBy(StatefulInferenceJobTest::session, Types.STRING)
                .flatMap(new Witness())
                .returns(Types.STRING)
                .sinkTo(new DiscardingSink<>());
        env.execute();

        assertThat(Witness.SEEN).hasSize(POISONED_SESSIONS);
        for (int session = 0; session < POISONED_SESSIONS; session++) {
            List<String> texts = new ArrayList<>();
            for (long sequence = 0; sequence < POISONED_INPUTS; sequence++) {
                texts.add(partlyPoisonous(sequence * POISONED_SESSIONS + session).f3);
            }
            List<String> seen = Witness.SEEN.get("s" + session);
            if (session == 13) {
                List<String> healthy = FoldProgram.expected("s13", texts.subList(0, 20));
                assertThat(seen).startsWith(healthy.toArray(new String[0]));
                assertThat(seen.subList(healthy.size(), seen.size())).containsExactly("s13 fault");
            } else {
                assertThat(seen).isEqualTo(FoldProgram.expected("s" + session, texts));
            }
        }
    }

    private static boolean allTasksRun(MiniCluster cluster, JobID job) throws Exception {
        for (AccessExecutionVertex task :
                cluster.getExecutionGraph(job).get().getAllExecutionVertices()) {
            if (task.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    private static StreamExecutionEnvironment job(
            FoldInference provider, Configuration options, int parallelism, long pauseNanos) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(options);
        env.setParallelism(parallelism);
        env.setMaxParallelism(16);
        TypeInformation<Tuple4<String, Integer, Long, String>> inputType =
                Types.TUPLE(Types.STRING, Types.INT, Types.LONG, Types.STRING);
        var inputs =
                env.fromSource(
                                new NumberSequenceSource(0, (long) SESSIONS * INPUTS - 1),
                                WatermarkStrategy.noWatermarks(),
                                "numbers")
                        .uid("numbers")
                        .setParallelism(1)
                        .map(
                                number -> {
                                    LockSupport.parkNanos(pauseNanos);
                                    return input(number);
                                })
                        .returns(inputType)
                        .setParallelism(1)
                        .keyBy(input -> input.f0, Types.STRING);
        StatefulInference.of(provider, new FoldOrder())
                .maxPendingInputs(8)
                .apply("fold", inputs, Types.STRING)
                .uid("fold")
                .keyBy(StatefulInferenceJobTest::session, Types.STRING)
                .flatMap(new Witness())
                .uid("witness")
                .returns(Types.STRING)
                .sinkTo(new DiscardingSink<>());
        return env;
    }

    private static void assertEveryOutputOnce() {
        assertThat(Witness.SEEN).hasSize(SESSIONS);
        for (int session = 0; session < SESSIONS; session++) {
            List<String> texts = new ArrayList<>();
            for (long sequence = 0; sequence < INPUTS; sequence++) {
                texts.add(input(sequence * SESSIONS + session).f3);
            }
            assertThat(Witness.SEEN.get("s" + session))
                    .isEqualTo(FoldProgram.expected("s" + session, texts));
        }
    }
}
