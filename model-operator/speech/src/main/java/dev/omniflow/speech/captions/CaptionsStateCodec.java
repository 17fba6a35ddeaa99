package dev.omniflow.speech.captions;

import dev.omniflow.speech.state.CaptionsState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.specific.SpecificData;

/**
 * Writes and reads the state of captions sessions as an Avro single object, whose fingerprint names
 * the schema that wrote it. Thread-safe.
 */
final class CaptionsStateCodec {
    private static final BinaryMessageEncoder<CaptionsState> ENCODER =
            new BinaryMessageEncoder<>(SpecificData.get(), CaptionsState.getClassSchema());
    private static final BinaryMessageDecoder<CaptionsState> DECODER =
            new BinaryMessageDecoder<>(SpecificData.get(), CaptionsState.getClassSchema());

    private CaptionsStateCodec() {}

    static byte[] encode(CaptionsState state) {
        try {
            ByteBuffer buffer = ENCODER.encode(state);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode the state of a captions session", e);
        }
    }

    static CaptionsState decode(byte[] bytes) {
        try {
            return DECODER.decode(bytes);
        } catch (MissingSchemaException e) {
            throw new IllegalStateException(
                    "the state of a captions session was written with a schema that this release does not know: restore"
                            + " it with the release that wrote it",
                    e);
        } catch (IOException | RuntimeException e) {
            // Avro throws whatever the damaged bytes lead it into: all of it means the same here.
            throw new IllegalStateException("cannot decode the state of a captions session", e);
        }
    }
}
