package dev.omniflow.core.bundle;

import java.util.Map;
import java.util.Objects;

/**
 * One graph of a bundle.
 *
 * @param name name within the bundle, for example {@code encoder}
 * @param file file name within the bundle's folder
 * @param maxBatchSize most calls that may share one run; 1 where a neighbour would change a result
 * @param inputs shapes by input name; symbolic dimensions are words
 * @param outputs shapes by output name
 */
public record GraphSpec(
        String name,
        String file,
        int maxBatchSize,
        Map<String, TensorSpec> inputs,
        Map<String, TensorSpec> outputs) {
    public GraphSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(file, "file");
        if (maxBatchSize < 1) {
            throw new IllegalArgumentException(
                    "maxBatchSize of graph " + name + " is " + maxBatchSize + ", not >= 1");
        }
        inputs = Map.copyOf(inputs);
        outputs = Map.copyOf(outputs);
    }
}
