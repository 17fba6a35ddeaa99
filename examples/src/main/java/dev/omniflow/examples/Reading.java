package dev.omniflow.examples;

import java.util.Objects;

/**
 * What a sensor measured.
 *
 * @param sensor the sensor
 * @param sequence number of the reading among those of its sensor; rises
 * @param timeMs when it was measured, in milliseconds since 1970
 * @param value what was measured, in the sensor's unit; not a number where it could not say
 * @param last whether the sensor goes out of service after this reading
 */
public record Reading(String sensor, long sequence, long timeMs, double value, boolean last) {
    public Reading {
        Objects.requireNonNull(sensor, "sensor");
    }
}
