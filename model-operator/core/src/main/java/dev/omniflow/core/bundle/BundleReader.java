package dev.omniflow.core.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the description of a bundle. Graphs themselves are read by the runtime that loads them. */
public final class BundleReader {
    /** Version of the bundle.yaml that this release reads. */
    public static final int SCHEMA = 1;

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private BundleReader() {}

    /** The bundle in that folder. */
    public static Bundle read(Path directory) throws BundleException {
        Path description = directory.resolve("bundle.yaml");
        if (!Files.isRegularFile(description)) {
            throw new BundleException(
                    "no bundle in " + directory + ": a bundle is a folder with a bundle.yaml");
        }
        JsonNode root;
        try {
            root = YAML.readTree(description.toFile());
        } catch (JsonProcessingException e) {
            throw new BundleException(
                    description + " is not readable as YAML: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new BundleException("cannot read " + description + ": " + e.getMessage(), e);
        }
        int schema = required(root, "schema", description).asInt(-1);
        if (schema != SCHEMA) {
            throw new BundleException(
                    description
                            + " has schema "
                            + schema
                            + ", but this release reads schema "
                            + SCHEMA);
        }
        BundleId id;
        try {
            id =
                    new BundleId(
                            required(root, "name", description).asText(),
                            required(root, "version", description).asText());
        } catch (IllegalArgumentException e) {
            throw new BundleException(description + ": " + e.getMessage(), e);
        }
        Map<String, GraphSpec> graphs = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry :
                required(root, "graphs", description).properties()) {
            graphs.put(entry.getKey(), graph(entry.getKey(), entry.getValue(), description));
        }
        JsonNode parameters = root.get("parameters");
        return new Bundle(
                id,
                directory.toAbsolutePath().normalize(),
                required(root, "kind", description).asText(),
                graphs,
                parameters == null ? JsonNodeFactory.instance.objectNode() : parameters);
    }

    private static GraphSpec graph(String name, JsonNode node, Path description)
            throws BundleException {
        String file = required(node, "file", description).asText();
        if (!Files.isRegularFile(description.resolveSibling(file))) {
            throw new BundleException(
                    description + " names the graph file " + file + ", which is not there");
        }
        try {
            return new GraphSpec(
                    name,
                    file,
                    required(node, "maxBatchSize", description).asInt(),
                    tensors(required(node, "inputs", description), description),
                    tensors(required(node, "outputs", description), description));
        } catch (IllegalArgumentException e) {
            throw new BundleException(description + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, TensorSpec> tensors(JsonNode node, Path description)
            throws BundleException {
        Map<String, TensorSpec> tensors = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            List<String> shape = new ArrayList<>();
            required(entry.getValue(), "shape", description)
                    .forEach(dimension -> shape.add(dimension.asText()));
            tensors.put(
                    entry.getKey(),
                    new TensorSpec(
                            required(entry.getValue(), "type", description).asText(), shape));
        }
        return tensors;
    }

    private static JsonNode required(JsonNode node, String field, Path description)
            throws BundleException {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            throw new BundleException(description + " lacks the field '" + field + "'");
        }
        return value;
    }
}
