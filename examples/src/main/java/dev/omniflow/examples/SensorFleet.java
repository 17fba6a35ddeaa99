package dev.omniflow.examples;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Sensors that are made up: each follows the day in its own way, and some have a fault. What a
 * sensor measures depends on nothing but its number and that of the reading.
 *
 * @param sensors how many there are
 * @param readings readings of each, one an hour
 */
public record SensorFleet(int sensors, int readings) implements Serializable {
    /** Readings before the first fault: by then a sensor's usual errors are known. */
    public static final int SOUND_READINGS = 240;

    /** Readings after the last fault. */
    private static final int LAST_READINGS = 24;

    /** How long a level stays shifted. */
    private static final int SHIFT_READINGS = 12;

    private static final int FAULTY_ONE_IN = 4;
    private static final int DAY = 24;
    private static final long START_MS = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    public SensorFleet {
        int fewest = SOUND_READINGS + SHIFT_READINGS + LAST_READINGS + 1;
        if (sensors < 1 || readings < fewest) {
            throw new IllegalArgumentException(
                    "expected at least 1 sensor of at least "
                            + fewest
                            + " readings, not "
                            + sensors
                            + " of "
                            + readings);
        }
    }

    /**
     * What goes wrong with a sensor.
     *
     * @param at the reading with which it begins
     * @param length readings that it lasts
     * @param size by how much values are off, in the sensor's unit
     */
    public record Fault(int at, int length, double size) {}

    /** How many readings all sensors have. */
    public long count() {
        return (long) sensors * readings;
    }

    /** One of all readings: the sensors take turns. */
    public Reading reading(long number) {
        int sensor = (int) (number % sensors);
        int sequence = (int) (number / sensors);
        return new Reading(
                name(sensor),
                sequence,
                START_MS + sequence * Duration.ofHours(1).toMillis(),
                value(sensor, sequence),
                sequence == readings - 1);
    }

    /** Name of a sensor. */
    public String name(int sensor) {
        return "sensor-" + sensor;
    }

    /** The fault of a sensor, if it has one: a spike, or a level that shifts for half a day. */
    public Optional<Fault> fault(int sensor) {
        if (sensor % FAULTY_ONE_IN != 0) {
            return Optional.empty();
        }
        SplittableRandom random = new SplittableRandom(sensor * 31L + 7);
        int range = readings - SOUND_READINGS - SHIFT_READINGS - LAST_READINGS;
        int at = SOUND_READINGS + random.nextInt(range);
        int length = random.nextBoolean() ? 1 : SHIFT_READINGS;
        double size = (2 + random.nextDouble() * 4) * Nature.of(sensor).swing();
        return Optional.of(new Fault(at, length, random.nextBoolean() ? size : -size));
    }

    /** How a sensor follows the day. */
    private record Nature(
            double level, double swing, double day, double halfDay, double halfDaySwing) {
        static Nature of(int sensor) {
            SplittableRandom random = new SplittableRandom(sensor);
            return new Nature(
                    -50 + random.nextDouble() * 200,
                    0.5 + random.nextDouble() * 20,
                    random.nextDouble(),
                    random.nextDouble(),
                    random.nextDouble() * 0.5);
        }

        double value(double days, double noise) {
            double wave =
                    Math.sin(2 * Math.PI * (days + day))
                            + halfDaySwing * Math.sin(4 * Math.PI * (days + halfDay));
            return level + swing * (wave + noise);
        }
    }

    private double value(int sensor, int sequence) {
        SplittableRandom random = new SplittableRandom(sensor * 1_000_003L + sequence);
        double noise = 0.1 * (random.nextDouble() - 0.5);
        double sound = Nature.of(sensor).value((double) sequence / DAY, noise);
        Optional<Fault> fault = fault(sensor).filter(present -> isDuring(present, sequence));
        return sound + fault.map(Fault::size).orElse(0.0);
    }

    private static boolean isDuring(Fault fault, int sequence) {
        return sequence >= fault.at() && sequence < fault.at() + fault.length();
    }
}
