package dev.omniflow.schemas.codec;

import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.OutputEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.message.BadHeaderException;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Writes and reads one kind of event as an Avro single object: two marker bytes, the writer
 * schema's fingerprint, the Avro body. Reads what this release and every earlier one wrote; needs
 * no schema registry.
 *
 * <p>Thread-safe.
 *
 * @param <T> the event
 */
public final class EventCodec<T extends SpecificRecordBase> {
    /**
     * No field of an event is longer: a damaged length must not become an allocation of gigabytes.
     */
    private static final int MAX_FIELD_BYTES = 64 << 20;

    static {
        // Avro reads these once, when its decoder is loaded; a value given on the command line
        // wins.
        for (String limit :
                List.of("bytes.maxLength", "string.maxLength", "collectionItems.maxLength")) {
            String property = "org.apache.avro.limits." + limit;
            if (System.getProperty(property) == null) {
                System.setProperty(property, Integer.toString(MAX_FIELD_BYTES));
            }
        }
    }

    public static final EventCodec<MediaEvent> MEDIA =
            new EventCodec<>(MediaEvent.getClassSchema());
    public static final EventCodec<OutputEvent> OUTPUT =
            new EventCodec<>(OutputEvent.getClassSchema());
    public static final EventCodec<DeadLetter> DEAD_LETTER =
            new EventCodec<>(DeadLetter.getClassSchema());
    public static final EventCodec<ModelEvent> MODEL =
            new EventCodec<>(ModelEvent.getClassSchema());

    private final String name;
    private final BinaryMessageEncoder<T> encoder;
    private final BinaryMessageDecoder<T> decoder;

    private EventCodec(Schema schema) {
        name = schema.getName();
        SpecificData data = SpecificData.get();
        encoder = new BinaryMessageEncoder<>(data, schema);
        decoder = new BinaryMessageDecoder<>(data, schema);
        ReleasedSchemas.of(name).forEach(decoder::addSchema);
    }

    /** The event as bytes. */
    public byte[] encode(T event) {
        try {
            ByteBuffer buffer = encoder.encode(event);
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a " + name, e);
        }
    }

    /**
     * The event that the bytes hold.
     *
     * @throws UnreadableEventException if they are not an event that this release or an earlier one
     *     wrote
     */
    public T decode(byte[] bytes) throws UnreadableEventException {
        try {
            return decoder.decode(bytes);
        } catch (MissingSchemaException e) {
            throw new UnreadableEventException(
                    "expected a "
                            + name
                            + " written by this release or an earlier one, but its schema is unknown"
                            + " ("
                            + e.getMessage()
                            + "): a newer producer?",
                    e);
        } catch (BadHeaderException e) {
            throw new UnreadableEventException(
                    "expected a "
                            + name
                            + " as an Avro single object, but the record of "
                            + bytes.length
                            + " bytes does not begin like one",
                    e);
        } catch (IOException | RuntimeException e) {
            // Avro throws whatever the damaged bytes lead it into: all of it means the same here.
            throw new UnreadableEventException(
                    "expected a "
                            + name
                            + ", but its Avro body of "
                            + bytes.length
                            + " bytes is cut short or damaged ("
                            + e
                            + ")",
                    e);
        }
    }
}
