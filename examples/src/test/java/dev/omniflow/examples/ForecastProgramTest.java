package dev.omniflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.schedule.CallClass;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgramFactory;
import dev.omniflow.testkit.SessionDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class ForecastProgramTest {
    private static final SensorFleet FLEET = new SensorFleet(200, 360);

    private static GraphRuntime runtime;
    private static ForecastModel model;

    @BeforeContainer
    static void load() throws Exception {
        runtime = ExampleBundle.runtime();
        model = ForecastModel.of(ExampleBundle.read());
    }

    @AfterContainer
    static void unload() {
        runtime.close();
    }

    private static SessionProgramFactory<Reading, Alarm> programs() {
        return (context, snapshot, retained) ->
                new ForecastProgram(context, model, snapshot, retained);
    }

    private static List<Reading> readings(int sensor) {
        return LongStream.range(0, FLEET.readings())
                .mapToObj(sequence -> FLEET.reading(sequence * FLEET.sensors() + sensor))
                .toList();
    }

    /** The readings, but that of one number is another value. */
    private static List<Reading> withValue(List<Reading> readings, int at, double value) {
        UnaryOperator<Reading> change =
                reading ->
                        reading.sequence() == at
                                ? new Reading(
                                        reading.sensor(),
                                        at,
                                        reading.timeMs(),
                                        value,
                                        reading.last())
                                : reading;
        return readings.stream().map(change).toList();
    }

    /** Alarms of a sensor that is watched without a hitch. */
    private static List<Alarm> watch(List<Reading> readings) throws GraphException {
        return watch(readings, new Random(1), Integer.MAX_VALUE);
    }

    /** The program is thrown away and made again after one reading in so many. */
    private static List<Alarm> watch(List<Reading> readings, Random random, int crashOneIn)
            throws GraphException {
        try (SessionDriver<Reading, Alarm> driver =
                new SessionDriver<>(programs(), runtime, random)) {
            for (Reading reading : readings) {
                driver.send(reading);
                assertThat(driver.retained()).isLessThanOrEqualTo(1);
                if (random.nextInt(crashOneIn) == 0 && !driver.ended()) {
                    driver.crash();
                }
            }
            driver.settle();
            assertThat(driver.ended()).isTrue();
            assertThat(driver.retained()).isZero();
            return driver.outputs();
        }
    }

    @Property(tries = 60)
    void raisesOneAlarmWhereAFaultBegins(@ForAll @IntRange(max = 199) int sensor)
            throws GraphException {
        List<Long> alarmsAt = watch(readings(sensor)).stream().map(Alarm::sequence).toList();

        List<Long> faultsAt =
                FLEET.fault(sensor).map(fault -> List.of((long) fault.at())).orElse(List.of());
        assertThat(alarmsAt).isEqualTo(faultsAt);
    }

    @Property(tries = 40)
    void crashesAtAnyPointChangeNothing(
            @ForAll @IntRange(max = 49) int faulty,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int crashOneIn)
            throws GraphException {
        List<Reading> readings = readings(4 * faulty);
        List<Alarm> alarms = watch(readings);

        assertThat(watch(readings, new Random(seed), crashOneIn)).isEqualTo(alarms).hasSize(1);
    }

    @Example
    void saysWhatItExpectedInTheUnitOfTheSensor() throws GraphException {
        List<Reading> sound = readings(1);
        double usual = sound.get(260).value();

        List<Alarm> alarms = watch(withValue(sound, 260, usual + 1e9));

        assertThat(alarms).hasSize(1);
        Alarm alarm = alarms.get(0);
        assertThat(alarm.sensor()).isEqualTo("sensor-1");
        assertThat(alarm.number()).isEqualTo(1);
        assertThat(alarm.kind()).isEqualTo(Alarm.Kind.UNEXPECTED);
        assertThat(alarm.timeMs()).isEqualTo(sound.get(260).timeMs());
        assertThat(alarm.value()).isEqualTo(usual + 1e9);
        assertThat(Math.abs(alarm.expected() - usual)).isLessThan(6 * alarm.usualError());
    }

    @Example
    void aReadingThatIsNoNumberRaisesAnAlarmAndTheWatchGoesOn() throws GraphException {
        int faulty = 0;
        int at = FLEET.fault(faulty).orElseThrow().at();
        List<Reading> readings = withValue(readings(faulty), 10, Double.NaN);
        readings = withValue(readings, 200, Double.NaN);

        List<Long> alarmsAt = watch(readings).stream().map(Alarm::sequence).toList();

        // While it settles nothing is unexpected.
        assertThat(alarmsAt).containsExactly(200L, (long) at);
    }

    @Example
    void aSensorThatStandsStillIsWatched() throws GraphException {
        List<Reading> still = new ArrayList<>();
        for (Reading reading : readings(1)) {
            still.add(withValue(List.of(reading), (int) reading.sequence(), 20.5).get(0));
        }
        assertThat(watch(still)).isEmpty();
        assertThat(watch(withValue(still, 300, 25))).hasSize(1);
    }

    @Example
    void aCallThatFailsEndsTheWatchAndSaysSo() {
        List<Alarm> alarms = new ArrayList<>();
        List<GraphCall> calls = new ArrayList<>();
        List<Reading> readings = readings(1);
        try (ForecastProgram program =
                new ForecastProgram(
                        new Recorder(calls, alarms), model, Optional.empty(), List.of())) {
            program.resume();
            int next = 0;
            while (calls.isEmpty()) {
                program.accept(next, readings.get(next));
                next++;
            }
            program.complete(calls.get(0), new GraphResult.Failure("poison"));

            assertThat(program.ended()).isTrue();
            assertThat(alarms)
                    .extracting(Alarm::kind, Alarm::sequence)
                    .containsExactly(
                            org.assertj.core.api.Assertions.tuple(
                                    Alarm.Kind.UNWATCHED, (long) model.settlingReadings()));
        }
    }

    @Example
    void asksAgainForTheCallThatWasInFlight() {
        List<GraphCall> calls = new ArrayList<>();
        List<Reading> readings = readings(1);
        ForecastProgram program =
                new ForecastProgram(
                        new Recorder(calls, new ArrayList<>()), model, Optional.empty(), List.of());
        program.resume();
        for (int next = 0; calls.isEmpty(); next++) {
            program.accept(next, readings.get(next));
        }
        int settling = model.settlingReadings();
        ForecastProgram again =
                new ForecastProgram(
                        new Recorder(calls, new ArrayList<>()),
                        model,
                        Optional.of(program.snapshot()),
                        List.of(new IndexedInput<>(settling, readings.get(settling))));
        again.resume();

        assertThat(again.ready()).isFalse();
        assertThat(again.retainFrom()).isEqualTo(settling);
        assertThat(calls).hasSize(2);
        assertThat(calls.get(1)).isEqualTo(calls.get(0));
        program.close();
        again.close();
    }

    private record Recorder(List<GraphCall> calls, List<Alarm> alarms)
            implements SessionContext<Alarm> {
        @Override
        public void call(GraphCall call, CallClass callClass) {
            calls.add(call);
        }

        @Override
        public void cancel(GraphCall call) {
            throw new AssertionError("the program takes nothing back");
        }

        @Override
        public GraphCache newCache() {
            throw new AssertionError("the program needs no cache");
        }

        @Override
        public void emit(long cause, Alarm alarm) {
            alarms.add(alarm);
        }
    }
}
