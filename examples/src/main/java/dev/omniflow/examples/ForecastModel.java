package dev.omniflow.examples;

import com.fasterxml.jackson.databind.JsonNode;
import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.Tensor;
import java.util.Map;
import java.util.Set;

/**
 * What {@link ForecastProgram} knows of a bundle of kind {@value #KIND}. Values that the network
 * sees and says are in spreads of the sensor's readings from their mean.
 *
 * @param graph the graph: {@code value} [B], {@code state} [B, units] → {@code forecast} [B],
 *     {@code next_state} [B, units]
 * @param units units of the network, whose state begins with zeros
 * @param settlingReadings readings from which a sensor's mean and spread are taken
 * @param learningReadings forecasts from which a sensor's usual error is learnt, and over which it
 *     is followed
 * @param valueLimit values beyond this are cut to it before the network sees them
 * @param alarmFactor a forecast that is off by more than so many usual errors is unexpected
 * @param quietReadings readings in the usual range that end an alarm
 */
record ForecastModel(
        GraphRef graph,
        int units,
        int settlingReadings,
        int learningReadings,
        double valueLimit,
        double alarmFactor,
        int quietReadings) {
    static final String KIND = "forecast";

    private static final Set<String> OUTPUTS = Set.of("forecast", "next_state");

    /** Reads what a bundle says of itself. */
    static ForecastModel of(Bundle bundle) throws BundleException {
        if (!bundle.kind().equals(KIND)) {
            throw new BundleException(
                    "expected a bundle of kind '"
                            + KIND
                            + "', but "
                            + bundle.id()
                            + " is of kind '"
                            + bundle.kind()
                            + "'");
        }
        return new ForecastModel(
                new GraphRef(bundle.id(), bundle.graph("forecast").name()),
                count(bundle, "units"),
                count(bundle, "settlingReadings"),
                count(bundle, "learningReadings"),
                positive(bundle, "valueLimit"),
                positive(bundle, "alarmFactor"),
                count(bundle, "quietReadings"));
    }

    private static int count(Bundle bundle, String name) throws BundleException {
        JsonNode value = bundle.parameter(name);
        if (!value.isInt() || value.asInt() < 1) {
            throw unusable(bundle, name, "a whole number of 1 or more", value);
        }
        return value.asInt();
    }

    private static double positive(Bundle bundle, String name) throws BundleException {
        JsonNode value = bundle.parameter(name);
        if (!value.isNumber() || !(value.asDouble() > 0)) {
            throw unusable(bundle, name, "a number above 0", value);
        }
        return value.asDouble();
    }

    private static BundleException unusable(
            Bundle bundle, String name, String expected, JsonNode value) {
        return new BundleException(
                "the parameter '"
                        + name
                        + "' of bundle "
                        + bundle.id()
                        + " must be "
                        + expected
                        + ", not "
                        + value);
    }

    /** The call that takes a value in and forecasts the one after it. */
    GraphCall call(float value, float[] network) {
        return GraphCall.of(
                graph,
                Map.of(
                        "value", Tensor.of(new float[] {value}, 1),
                        "state", Tensor.of(network, 1, units)),
                OUTPUTS);
    }
}
