package dev.omniflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hundreds of sensors in a real job: alarms are where the faults are, whatever happens. */
class SensorAlarmsJobTest {
    private static final SensorFleet FLEET = new SensorFleet(300, 300);
    private static final int MORE_THAN_COME = 10_000;

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(4)
                            .build());

    private static final Comparator<Alarm> BY_SENSOR =
            Comparator.comparing(Alarm::sensor).thenComparing(Alarm::number);

    private static List<Alarm> undisturbed;

    @BeforeAll
    static void runUndisturbed() throws Exception {
        undisturbed = run(new Configuration(), 1, FailOnce.never());
    }

    private static List<Alarm> run(Configuration options, int parallelism, FailOnce failure)
            throws Exception {
        options.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(options);
        env.setParallelism(parallelism);
        DataStream<Reading> readings =
                SensorAlarmsJob.readings(env, FLEET)
                        .map(failure)
                        .returns(Reading.class)
                        .uid("failure")
                        .setParallelism(1);
        ForecastInference inference =
                new ForecastInference(ExampleBundle.LIBRARY, ForecastInference.BUNDLE, 2);
        List<Alarm> alarms =
                new ArrayList<>(
                        SensorAlarmsJob.alarms(readings, inference)
                                .executeAndCollect(MORE_THAN_COME));
        alarms.sort(BY_SENSOR);
        return alarms;
    }

    private static List<String> faults() {
        List<String> faults = new ArrayList<>();
        for (int sensor = 0; sensor < FLEET.sensors(); sensor++) {
            String name = FLEET.name(sensor);
            FLEET.fault(sensor).ifPresent(fault -> faults.add(name + " at " + fault.at()));
        }
        return faults;
    }

    @Test
    void raisesAlarmsExactlyWhereFaultsBeginAtAnyParallelism() throws Exception {
        assertThat(undisturbed)
                .extracting(alarm -> alarm.sensor() + " at " + alarm.sequence())
                .containsExactlyInAnyOrderElementsOf(faults())
                .hasSizeGreaterThan(50);
        assertThat(run(new Configuration(), 4, FailOnce.never())).isEqualTo(undisturbed);
    }

    @ParameterizedTest
    @CsvSource({"hashmap, 1", "hashmap, 4", "rocksdb, 4"})
    void aRestartInTheMiddleChangesNoAlarm(String backend, int parallelism) throws Exception {
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(20));
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        options.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));

        List<Alarm> disturbed = run(options, parallelism, FailOnce.after(FLEET.count() * 9 / 10));

        assertThat(FailOnce.FAILURES).hasValue(1);
        assertThat(disturbed).isEqualTo(undisturbed);
    }

    /**
     * Fails once a checkpoint is complete and so many readings have passed. It holds readings back
     * until then, so that the job cannot end before.
     */
    private static final class FailOnce
            implements MapFunction<Reading, Reading>, CheckpointListener {
        static final AtomicInteger FAILURES = new AtomicInteger();

        private static final long serialVersionUID = 1;

        private final long after;
        private transient long passed;
        private transient boolean checkpointed;

        private FailOnce(long after) {
            this.after = after;
        }

        static FailOnce never() {
            return after(Long.MAX_VALUE);
        }

        static FailOnce after(long readings) {
            FAILURES.set(0);
            return new FailOnce(readings);
        }

        @Override
        public Reading map(Reading reading) {
            if (FAILURES.get() == 0 && ++passed >= after) {
                if (checkpointed) {
                    FAILURES.incrementAndGet();
                    throw new IllegalStateException("induced failure");
                }
                LockSupport.parkNanos(1_000_000);
            }
            return reading;
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            checkpointed = true;
        }
    }
}
