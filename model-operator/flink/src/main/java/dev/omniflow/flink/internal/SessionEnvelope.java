package dev.omniflow.flink.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A session's program state with the operator's own bookkeeping, as it lies in keyed state.
 *
 * @param nextIndex index of the next input that arrives
 * @param accepted inputs that the program has taken
 * @param epoch latest writer of the session
 * @param lastSequence number of the last input that its writer wrote
 * @param lastActiveMs when its last input came, in milliseconds since 1970-01-01 UTC; 0 if unknown.
 *     Only how long the state is kept depends on it
 * @param timerMs when the timer goes off that looks whether the session is still in use; 0 if there
 *     is none
 * @param program the program's own state
 */
public record SessionEnvelope(
        long nextIndex,
        long accepted,
        int epoch,
        long lastSequence,
        long lastActiveMs,
        long timerMs,
        byte[] program) {
    /** Version of the layout that is written. Older ones are read; unknown ones are refused. */
    private static final int VERSION = 2;

    /** Without {@code lastActiveMs} and {@code timerMs}. */
    private static final int VERSION_1 = 1;

    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(program.length + 56);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(VERSION);
            out.writeLong(nextIndex);
            out.writeLong(accepted);
            out.writeInt(epoch);
            out.writeLong(lastSequence);
            out.writeLong(lastActiveMs);
            out.writeLong(timerMs);
            out.writeInt(program.length);
            out.write(program);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the state of a session", e);
        }
        return bytes.toByteArray();
    }

    /** The same with a timer at another time. */
    public SessionEnvelope withTimer(long newTimerMs) {
        return new SessionEnvelope(
                nextIndex, accepted, epoch, lastSequence, lastActiveMs, newTimerMs, program);
    }

    public static SessionEnvelope fromBytes(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readInt();
            if (version != VERSION && version != VERSION_1) {
                throw new IllegalStateException(
                        "expected session state of version "
                                + VERSION_1
                                + " to "
                                + VERSION
                                + ", but it has version "
                                + version
                                + ": restore it with the release that wrote it");
            }
            long nextIndex = in.readLong();
            long accepted = in.readLong();
            int epoch = in.readInt();
            long lastSequence = in.readLong();
            long lastActiveMs = version == VERSION_1 ? 0 : in.readLong();
            long timerMs = version == VERSION_1 ? 0 : in.readLong();
            byte[] program = new byte[in.readInt()];
            in.readFully(program);
            return new SessionEnvelope(
                    nextIndex, accepted, epoch, lastSequence, lastActiveMs, timerMs, program);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the state of a session", e);
        }
    }
}
