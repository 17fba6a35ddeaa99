package dev.omniflow.schemas.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.OutputEvent;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Today's schemas read what every release wrote, and every release reads what today's write. */
class SchemaCompatibilityTest {
    /** The release that brings {@link ModelEvent}. */
    private static final int FIRST_WITH_MODELS = 2;

    static List<Schema> today() {
        return List.of(
                MediaEvent.getClassSchema(),
                OutputEvent.getClassSchema(),
                DeadLetter.getClassSchema(),
                ModelEvent.getClassSchema());
    }

    private static int releasesOf(Schema schema) {
        int first = schema.equals(ModelEvent.getClassSchema()) ? FIRST_WITH_MODELS : 1;
        return Math.max(0, ReleasedSchemas.LATEST - first + 1);
    }

    @ParameterizedTest
    @MethodSource("today")
    void readsAndIsReadByEveryRelease(Schema schema) {
        List<Schema> released = ReleasedSchemas.of(schema.getName());
        assertThat(released)
                .as("released versions of %s", schema.getName())
                .hasSize(releasesOf(schema));
        for (Schema old : released) {
            assertThat(compatibility(schema, old))
                    .as("today reads %s", old.getName())
                    .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
            assertThat(compatibility(old, schema))
                    .as("%s reads today's", old.getName())
                    .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        }
    }

    @ParameterizedTest
    @MethodSource("today")
    void everyRecordAndFieldIsDocumented(Schema schema) {
        assertDocumented(schema, new java.util.HashSet<>());
    }

    private static void assertDocumented(Schema schema, java.util.Set<String> seen) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
                    for (Schema.Field field : schema.getFields()) {
                        assertThat(field.doc())
                                .as("%s.%s", schema.getFullName(), field.name())
                                .isNotBlank();
                        assertDocumented(field.schema(), seen);
                    }
                }
            }
            case UNION -> schema.getTypes().forEach(type -> assertDocumented(type, seen));
            case ARRAY -> assertDocumented(schema.getElementType(), seen);
            case MAP -> assertDocumented(schema.getValueType(), seen);
            case ENUM -> assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
            default -> {}
        }
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType();
    }
}
