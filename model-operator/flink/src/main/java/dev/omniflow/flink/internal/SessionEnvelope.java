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
 * @param program the program's own state
 */
public record SessionEnvelope(
        long nextIndex, long accepted, int epoch, long lastSequence, byte[] program) {
    /** Version of the layout that is written. Older ones are read; unknown ones are refused. */
    private static final int VERSION = 1;

    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(program.length + 40);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(VERSION);
            out.writeLong(nextIndex);
            out.writeLong(accepted);
            out.writeInt(epoch);
            out.writeLong(lastSequence);
            out.writeInt(program.length);
            out.write(program);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the state of a session", e);
        }
        return bytes.toByteArray();
    }

    public static SessionEnvelope fromBytes(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readInt();
            if (version != VERSION) {
                throw new IllegalStateException(
                        "expected session state of version "
                                + VERSION
                                + ", but it has version "
                                + version
                                + ": restore it with the release that wrote it");
            }
            long nextIndex = in.readLong();
            long accepted = in.readLong();
            int epoch = in.readInt();
            long lastSequence = in.readLong();
            byte[] program = new byte[in.readInt()];
            in.readFully(program);
            return new SessionEnvelope(nextIndex, accepted, epoch, lastSequence, program);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the state of a session", e);
        }
    }
}
