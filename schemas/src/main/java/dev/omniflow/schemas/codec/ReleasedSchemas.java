package dev.omniflow.schemas.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The writer schemas of every release, kept as resources, so that records written by an older
 * release are still read. A release adds its schemas under {@code released/<number>/} and raises
 * {@link #LATEST}.
 */
final class ReleasedSchemas {
    /** Number of the newest release whose schemas are kept. */
    static final int LATEST = 1;

    private ReleasedSchemas() {}

    /** All released schemas of a record, oldest first; empty if it was never released. */
    static List<Schema> of(String recordName) {
        List<Schema> schemas = new ArrayList<>();
        for (int release = 1; release <= LATEST; release++) {
            String resource =
                    "/dev/omniflow/schemas/released/" + release + "/" + recordName + ".avsc";
            try (InputStream in = ReleasedSchemas.class.getResourceAsStream(resource)) {
                if (in != null) {
                    schemas.add(new Schema.Parser().parse(in));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the released schema " + resource, e);
            }
        }
        return schemas;
    }
}
