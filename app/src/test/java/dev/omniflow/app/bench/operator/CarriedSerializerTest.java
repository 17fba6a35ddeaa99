package dev.omniflow.app.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class CarriedSerializerTest {
    private static final Carried SESSION =
            new Carried(
                    7,
                    3,
                    5,
                    50_257,
                    -1,
                    new float[][] {{1, 2}, {}},
                    new float[][] {{Float.MIN_VALUE, -0f, 3}});

    @Test
    void readsWhatItWrote() throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        CarriedSerializer.INSTANCE.serialize(SESSION, out);
        Carried read =
                CarriedSerializer.INSTANCE.deserialize(
                        new DataInputDeserializer(out.getCopyOfBuffer()));
        assertThat(read).usingRecursiveComparison().isEqualTo(SESSION);
    }

    @Test
    void copiesShareWhatNobodyWritesTo() {
        assertThat(CarriedSerializer.INSTANCE.isImmutableType()).isTrue();
        assertThat(CarriedSerializer.INSTANCE.copy(SESSION)).isSameAs(SESSION);
    }
}
