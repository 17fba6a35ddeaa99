package dev.omniflow.core.bundle;

import java.util.List;
import java.util.Objects;

/**
 * Element type and shape of a graph's input or output.
 *
 * @param type ONNX name of the element type: {@code float32}, {@code int64}, …
 * @param shape dimensions in order; a number, or a word for one that varies
 */
public record TensorSpec(String type, List<String> shape) {
    public TensorSpec {
        Objects.requireNonNull(type, "type");
        shape = List.copyOf(shape);
    }
}
