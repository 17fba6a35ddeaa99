package dev.omniflow.core.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * A versioned folder of model graphs and what belongs to them, as its {@code bundle.yaml} describes
 * it.
 *
 * @param id name and version
 * @param directory the folder
 * @param kind what it does, for example {@code speech-recognition}
 * @param graphs its graphs by name
 * @param parameters what a session program has to know of the model, as the bundle's author wrote
 *     it
 */
public record Bundle(
        BundleId id,
        Path directory,
        String kind,
        Map<String, GraphSpec> graphs,
        JsonNode parameters) {
    public Bundle {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(parameters, "parameters");
        graphs = Map.copyOf(graphs);
    }

    /** The graph of that name. */
    public GraphSpec graph(String name) throws BundleException {
        GraphSpec graph = graphs.get(name);
        if (graph == null) {
            throw new BundleException(
                    "bundle "
                            + id
                            + " has the graphs "
                            + graphs.keySet()
                            + ", but not '"
                            + name
                            + "'");
        }
        return graph;
    }

    /** A file of the bundle. */
    public Path file(String name) throws BundleException {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new BundleException(
                    "bundle " + id + " lacks its file " + name + ": make it again");
        }
        return file;
    }

    /** A parameter that has to be there. */
    public JsonNode parameter(String name) throws BundleException {
        JsonNode value = parameters.get(name);
        if (value == null || value.isNull()) {
            throw new BundleException(
                    "bundle " + id + " lacks the parameter '" + name + "' in its bundle.yaml");
        }
        return value;
    }
}
