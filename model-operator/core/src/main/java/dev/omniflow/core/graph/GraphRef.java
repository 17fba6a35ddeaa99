package dev.omniflow.core.graph;

import dev.omniflow.core.bundle.BundleId;
import java.util.Objects;

/**
 * Names a graph of a bundle version.
 *
 * @param bundle the bundle
 * @param graph the graph's name within it
 */
public record GraphRef(BundleId bundle, String graph) {
    public GraphRef {
        Objects.requireNonNull(bundle, "bundle");
        Objects.requireNonNull(graph, "graph");
    }

    @Override
    public String toString() {
        return bundle + "/" + graph;
    }
}
