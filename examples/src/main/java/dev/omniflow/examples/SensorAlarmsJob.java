package dev.omniflow.examples;

import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.flink.StatefulInference;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;

/** From readings of sensors to alarms: a job with {@link StatefulInference} in its middle. */
public final class SensorAlarmsJob {
    private SensorAlarmsJob() {}

    /**
     * Watches sensors that are made up and prints the alarms. Options: {@code --bundles FOLDER}
     * ({@code examples/bundles}), {@code --sensors N} (200), {@code --readings N} (500) of each.
     */
    public static void main(String[] args) throws Exception {
        ParameterTool options = ParameterTool.fromArgs(args);
        SensorFleet fleet =
                new SensorFleet(options.getInt("sensors", 200), options.getInt("readings", 500));
        ForecastInference inference =
                new ForecastInference(
                        options.get("bundles", "examples/bundles"), ForecastInference.BUNDLE, 2);

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        alarms(readings(env, fleet), inference).print().name("print");
        env.execute("sensor alarms");
    }

    /** Adds the watch over the readings to a job. */
    public static SingleOutputStreamOperator<Alarm> alarms(
            DataStream<Reading> readings, InferenceProvider<Reading, Alarm> inference) {
        return StatefulInference.of(inference, new ReadingOrder())
                .maxPendingInputs(1024)
                .forgetAfter(Duration.ofDays(7))
                .apply("alarms", readings.keyBy(Reading::sensor), TypeInformation.of(Alarm.class))
                .uid("alarms");
    }

    /** The readings of a fleet, in event time. */
    static SingleOutputStreamOperator<Reading> readings(
            StreamExecutionEnvironment env, SensorFleet fleet) {
        return env.fromSource(
                        new NumberSequenceSource(0, fleet.count() - 1),
                        WatermarkStrategy.noWatermarks(),
                        "readings")
                .uid("readings")
                // One source keeps each sensor's readings in order.
                .setParallelism(1)
                .map(fleet::reading)
                .returns(Reading.class)
                .uid("make-readings")
                .setParallelism(1)
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<Reading>forMonotonousTimestamps()
                                .withTimestampAssigner((reading, unused) -> reading.timeMs()))
                .uid("event-time")
                .setParallelism(1);
    }
}
