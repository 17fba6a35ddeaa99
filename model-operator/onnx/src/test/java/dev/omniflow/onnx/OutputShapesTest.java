package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputShapesTest {
    @Test
    void forgetsWhatWasNotAskedForLongest() {
        OutputShapes shapes = new OutputShapes();
        for (int key = 0; key < OutputShapes.CAPACITY; key++) {
            shapes.put(key, Map.of("y", new long[] {key}));
        }
        assertThat(shapes.get(0)).containsKey("y");
        shapes.put("one more", Map.of());
        assertThat(shapes.get(0)).isNotNull();
        assertThat(shapes.get(1)).isNull();
        assertThat(shapes.get(2)).isNotNull();
        assertThat(shapes.get("one more")).isEmpty();
    }
}
