package dev.omniflow.examples;

import java.util.Objects;

/**
 * Something is amiss with a sensor. A sensor and a number name an alarm; the same readings give the
 * same alarms.
 *
 * @param sensor the sensor
 * @param number number of the alarm among those of its sensor, from 1
 * @param kind what is amiss
 * @param sequence the reading at which it showed
 * @param timeMs when that was measured, in milliseconds since 1970
 * @param value what was measured, in the sensor's unit
 * @param expected what the network had forecast, in the same unit
 * @param usualError by how much forecasts of this sensor are usually off, in the same unit
 */
public record Alarm(
        String sensor,
        long number,
        Kind kind,
        long sequence,
        long timeMs,
        double value,
        double expected,
        double usualError) {
    /** What is amiss. */
    public enum Kind {
        /** The forecast is off by far more than usual. */
        UNEXPECTED,
        /** The network failed on this sensor's readings: nobody watches it from here on. */
        UNWATCHED
    }

    public Alarm {
        Objects.requireNonNull(sensor, "sensor");
        Objects.requireNonNull(kind, "kind");
    }
}
