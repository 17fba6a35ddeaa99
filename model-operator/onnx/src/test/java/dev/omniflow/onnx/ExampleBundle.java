package dev.omniflow.onnx;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleReader;
import dev.omniflow.testkit.ExampleModel;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** The testkit's example bundle, with real graphs. */
final class ExampleBundle {
    private static final Map<String, Object> KEEP = Map.of("keepdims", 1);
    private static final Map<String, Object> DROP = Map.of("keepdims", 0);

    private ExampleBundle() {}

    static String description() throws Exception {
        try (InputStream description =
                ExampleModel.class.getResourceAsStream("/example-bundle/bundle.yaml")) {
            return new String(
                    Objects.requireNonNull(description).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static Bundle in(Path folder) throws Exception {
        return in(folder, description());
    }

    static Bundle in(Path folder, String description) throws Exception {
        Files.writeString(folder.resolve("bundle.yaml"), description);
        Files.write(folder.resolve("remember.onnx"), remember());
        Files.write(folder.resolve("step.onnx"), step());
        return BundleReader.read(folder);
    }

    /** Every element of the memory is an element of x, weighted. */
    private static byte[] remember() {
        return new OnnxFile()
                .floatInput("x", "B", 4)
                .longs("inner", new long[] {1, 3}, 2)
                .longs("one", new long[] {1}, 1)
                .floats("weights", weights(24, 1), 1, 2, 4, 3)
                .node("Unsqueeze", "column", "x", "inner")
                .node("Mul", "memory", "column", "weights")
                .node("Mul", "square", "x", "x")
                .node("ReduceSum", "loudness", List.of("square", "one"), DROP)
                .floatOutput("memory", "B", 2, 4, 3)
                .floatOutput("loudness", "B")
                .bytes();
    }

    /**
     * The new positions depend on their tokens and gain, on all of the past, on its length and on
     * the memory. Fails on a token that it does not know.
     */
    private static byte[] step() {
        return new OnnxFile()
                .longInput("tokens", "B", "S")
                .floatInput("gain", "B")
                .floatInput("past", "B", 2, "P", 3)
                .longInput("past_len", "B")
                .floatInput("memory", "B", 2, 4, 3)
                .floats(
                        "embedding",
                        weights(ExampleModel.VOCABULARY * 6, 2),
                        ExampleModel.VOCABULARY,
                        6)
                .longs("heads", new long[] {0, 0, 2, 3}, 4)
                .longs("one", new long[] {1}, 1)
                .longs("two", new long[] {2}, 1)
                .longs("all", new long[] {1, 2, 3}, 3)
                .longs("hundred", new long[] {100}, 1)
                .floats("tenth", new float[] {0.1f}, 1)
                .floats("unit", new float[] {1}, 1)
                .node("Gather", "embedded", "embedding", "tokens")
                .node("Reshape", "split", "embedded", "heads")
                .node("Transpose", "e", List.of("split"), Map.of("perm", List.of(0, 2, 1, 3)))
                .node("ReduceSum", "pastSum", List.of("past", "two"), KEEP)
                .node("ReduceSum", "memorySum", List.of("memory", "two"), KEEP)
                .node("Cast", "lengthFloat", List.of("past_len"), Map.of("to", 1))
                .node("Unsqueeze", "lengthWide", "lengthFloat", "all")
                .node("Mul", "length", "lengthWide", "tenth")
                .node("Add", "a", "e", "pastSum")
                .node("Add", "b", "a", "memorySum")
                .node("Unsqueeze", "gainWide", "gain", "all")
                .node("Add", "d", "b", "length")
                .node("Add", "c", "d", "gainWide")
                .node("Abs", "size", "c")
                .node("Add", "bound", "size", "unit")
                .node("Div", "new", "c", "bound")
                .node("ReduceSum", "y", List.of("new", "two"), DROP)
                .node("ReduceSum", "tokenSum", List.of("tokens", "one"), DROP)
                .node("Mul", "far", "past_len", "hundred")
                .node("Add", "mark", "tokenSum", "far")
                .floatOutput("new", "B", 2, "S", 3)
                .floatOutput("y", "B", 2, 3)
                .longOutput("mark", "B")
                .bytes();
    }

    private static float[] weights(int count, long seed) {
        Random random = new Random(seed);
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = random.nextFloat() - 0.5f;
        }
        return weights;
    }
}
