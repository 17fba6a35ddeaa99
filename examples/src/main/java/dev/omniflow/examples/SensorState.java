package dev.omniflow.examples;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What is known of a sensor once so many readings were folded in.
 *
 * @param folded readings
 * @param alarms alarms raised
 * @param spread mean and spread of the first readings
 * @param errors usual errors of forecasts
 * @param forecast of the next reading, in spreads from the mean; the mean until there is another
 * @param network state of the recurrent network; not to be written to
 */
record SensorState(
        long folded,
        long alarms,
        Spread spread,
        ErrorRange errors,
        float forecast,
        float[] network) {
    /** Version of the bytes that this release writes. A later one reads them as well. */
    private static final int VERSION = 1;

    /** Of a sensor of which nothing is known. */
    static SensorState initial(int units) {
        return new SensorState(0, 0, Spread.NONE, ErrorRange.UNKNOWN, 0, new float[units]);
    }

    /** After a reading that only told of the sensor's spread. */
    SensorState settled(Spread newSpread) {
        return new SensorState(folded + 1, alarms, newSpread, errors, forecast, network);
    }

    /** After a reading that the network has seen. */
    SensorState advanced(
            long newAlarms, ErrorRange newErrors, float newForecast, float[] newNetwork) {
        return new SensorState(folded + 1, newAlarms, spread, newErrors, newForecast, newNetwork);
    }

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(folded);
            out.writeLong(alarms);
            out.writeLong(spread.count());
            out.writeDouble(spread.mean());
            out.writeDouble(spread.squares());
            out.writeLong(errors.learnt());
            out.writeDouble(errors.meanSquare());
            out.writeInt(errors.quietNeeded());
            out.writeFloat(forecast);
            out.writeInt(network.length);
            for (float unit : network) {
                out.writeFloat(unit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    static SensorState fromBytes(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "the state of a sensor has version "
                                + version
                                + ", but this release reads version "
                                + VERSION);
            }
            long folded = in.readLong();
            long alarms = in.readLong();
            Spread spread = new Spread(in.readLong(), in.readDouble(), in.readDouble());
            ErrorRange errors = new ErrorRange(in.readLong(), in.readDouble(), in.readInt());
            float forecast = in.readFloat();
            float[] network = new float[in.readInt()];
            for (int unit = 0; unit < network.length; unit++) {
                network[unit] = in.readFloat();
            }
            return new SensorState(folded, alarms, spread, errors, forecast, network);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the state of a sensor ends early, after " + bytes.length + " bytes", e);
        }
    }
}
