package dev.omniflow.core.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
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
        Described described = new Described(description, "", root);
        int schema = described.field("schema").number();
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
            id = new BundleId(described.field("name").text(), described.field("version").text());
        } catch (IllegalArgumentException e) {
            throw new BundleException(description + ": " + e.getMessage(), e);
        }
        Map<String, GraphSpec> graphs = new HashMap<>();
        for (Map.Entry<String, Described> graph : described.field("graphs").fields().entrySet()) {
            graphs.put(graph.getKey(), graph(graph.getKey(), graph.getValue()));
        }
        JsonNode parameters = root.get("parameters");
        return new Bundle(
                id,
                directory.toAbsolutePath().normalize(),
                described.field("kind").text(),
                graphs,
                parameters == null ? JsonNodeFactory.instance.objectNode() : parameters);
    }

    /**
     * The bundle in that folder, if its files are those that its author listed with their sha256.
     * Reads all of them.
     */
    public static Bundle readVerified(Path directory) throws BundleException {
        Bundle bundle = read(directory);
        Path description = directory.resolve("bundle.yaml");
        JsonNode files;
        try {
            files = YAML.readTree(description.toFile()).get("files");
        } catch (IOException e) {
            throw new BundleException("cannot read " + description + ": " + e.getMessage(), e);
        }
        if (files == null) {
            return bundle;
        }
        for (Map.Entry<String, JsonNode> file : files.properties()) {
            String expected = file.getValue().asText();
            String actual = sha256(bundle.file(file.getKey()));
            if (!actual.equals(expected)) {
                throw new BundleException(
                        "file "
                                + file.getKey()
                                + " of bundle "
                                + bundle.id()
                                + " is damaged: expected the sha256 "
                                + expected
                                + ", not "
                                + actual
                                + ": make the bundle again");
            }
        }
        return bundle;
    }

    private static String sha256(Path file) throws BundleException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new BundleException("cannot read " + file + ": " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256, but this one", e);
        }
    }

    private static GraphSpec graph(String name, Described graph) throws BundleException {
        String file = graph.field("file").text();
        if (!Files.isRegularFile(graph.file.resolveSibling(file))) {
            throw new BundleException(
                    graph.file + " names the graph file " + file + ", which is not there");
        }
        try {
            return new GraphSpec(
                    name,
                    file,
                    graph.field("maxBatchSize").number(),
                    tensors(graph.field("inputs")),
                    tensors(graph.field("outputs")));
        } catch (IllegalArgumentException e) {
            throw new BundleException(graph.file + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, TensorSpec> tensors(Described described) throws BundleException {
        Map<String, TensorSpec> tensors = new HashMap<>();
        for (Map.Entry<String, Described> tensor : described.fields().entrySet()) {
            tensors.put(
                    tensor.getKey(),
                    new TensorSpec(
                            tensor.getValue().field("type").text(),
                            tensor.getValue().field("shape").words()));
        }
        return tensors;
    }

    /** A value of the description, with the way to it for messages. */
    private record Described(Path file, String way, JsonNode value) {
        Described field(String name) throws BundleException {
            String fieldWay = way.isEmpty() ? name : way + "." + name;
            JsonNode field = value.get(name);
            if (field == null || field.isNull()) {
                throw new BundleException(file + " lacks the field '" + fieldWay + "'");
            }
            return new Described(file, fieldWay, field);
        }

        Map<String, Described> fields() throws BundleException {
            if (!value.isObject()) {
                throw unexpected("a mapping");
            }
            Map<String, Described> fields = new HashMap<>();
            for (Map.Entry<String, JsonNode> entry : value.properties()) {
                String name = entry.getKey();
                fields.put(name, new Described(file, way + "." + name, entry.getValue()));
            }
            return fields;
        }

        String text() throws BundleException {
            if (!value.isValueNode()) {
                throw unexpected("a word");
            }
            return value.asText();
        }

        int number() throws BundleException {
            if (!value.isInt()) {
                throw unexpected("a whole number");
            }
            return value.asInt();
        }

        List<String> words() throws BundleException {
            if (!value.isArray()) {
                throw unexpected("a list");
            }
            List<String> words = new ArrayList<>();
            value.forEach(word -> words.add(word.asText()));
            return words;
        }

        private BundleException unexpected(String kind) {
            return new BundleException(
                    file + ": field '" + way + "' must be " + kind + ", not " + value);
        }
    }
}
