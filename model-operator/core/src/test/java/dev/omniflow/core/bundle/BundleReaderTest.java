package dev.omniflow.core.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BundleReaderTest {
    private static final String GOOD =
            """
            schema: 1
            name: "counter"
            version: "1.2.0"
            kind: "example"
            graphs:
              step:
                file: "step.onnx"
                maxBatchSize: 16
                inputs:
                  x: {"type": "float32", "shape": ["B", 4]}
                  length: {"type": "int64", "shape": ["B"]}
                outputs:
                  y: {"type": "float32", "shape": ["B", "T", 2]}
            parameters:
              rate: 16000
            """;

    @TempDir private Path folder;

    @BeforeEach
    void putTheGraph() throws IOException {
        Files.createFile(folder.resolve("step.onnx"));
    }

    @Test
    void readsAGoodBundle() throws Exception {
        Bundle bundle = read(GOOD);
        assertThat(bundle.id()).isEqualTo(new BundleId("counter", "1.2.0"));
        assertThat(bundle.kind()).isEqualTo("example");
        assertThat(bundle.directory()).isEqualTo(folder.toAbsolutePath().normalize());
        GraphSpec step = bundle.graph("step");
        assertThat(step.file()).isEqualTo("step.onnx");
        assertThat(step.maxBatchSize()).isEqualTo(16);
        assertThat(step.inputs().get("x")).isEqualTo(new TensorSpec("float32", List.of("B", "4")));
        assertThat(step.inputs().get("length")).isEqualTo(new TensorSpec("int64", List.of("B")));
        assertThat(step.outputs().get("y"))
                .isEqualTo(new TensorSpec("float32", List.of("B", "T", "2")));
        assertThat(bundle.parameter("rate").asInt()).isEqualTo(16_000);
        assertThat(bundle.file("step.onnx")).isRegularFile();
    }

    @Test
    void saysWhatABundleHasInsteadOfWhatWasAsked() throws Exception {
        Bundle bundle = read(GOOD);
        assertThatThrownBy(() -> bundle.graph("leap"))
                .isInstanceOf(BundleException.class)
                .hasMessage("bundle counter@1.2.0 has the graphs [step], but not 'leap'");
        assertThatThrownBy(() -> bundle.file("tokenizer.json"))
                .isInstanceOf(BundleException.class)
                .hasMessage("bundle counter@1.2.0 lacks its file tokenizer.json: make it again");
        assertThatThrownBy(() -> bundle.parameter("heads"))
                .isInstanceOf(BundleException.class)
                .hasMessage("bundle counter@1.2.0 lacks the parameter 'heads' in its bundle.yaml");
    }

    @Test
    void needsNoParameters() throws Exception {
        Bundle bundle = read(GOOD.substring(0, GOOD.indexOf("parameters:")));
        assertThat(bundle.parameters().isEmpty()).isTrue();
    }

    @Test
    void refusesAFolderWithoutADescription() {
        assertThatThrownBy(() -> BundleReader.read(folder))
                .isInstanceOf(BundleException.class)
                .hasMessage("no bundle in %s: a bundle is a folder with a bundle.yaml", folder);
    }

    @Test
    void refusesAnotherSchema() {
        assertRefused(
                GOOD.replace("schema: 1", "schema: 2"),
                " has schema 2, but this release reads schema 1");
    }

    @ParameterizedTest
    @CsvSource({
        "schema, schema: 1",
        "name, 'name: \"counter\"'",
        "version, 'version: \"1.2.0\"'",
        "kind, 'kind: \"example\"'",
        "graphs.step.file, 'file: \"step.onnx\"'",
        "graphs.step.maxBatchSize, maxBatchSize: 16",
        "graphs.step.inputs.x.type, '\"type\": \"float32\", '",
    })
    void namesTheFieldThatIsMissing(String field, String line) {
        String without =
                GOOD.indexOf(line) == GOOD.lastIndexOf(line)
                        ? GOOD.replace(line, "")
                        : GOOD.replace("x: {" + line, "x: {");
        assertRefused(without, " lacks the field '" + field + "'");
    }

    @Test
    void namesTheSectionThatIsMissing() {
        assertRefused(GOOD.replace("graphs:", "drawings:"), " lacks the field 'graphs'");
        assertRefused(GOOD.replace("inputs:", "in:"), " lacks the field 'graphs.step.inputs'");
        assertRefused(GOOD.replace("outputs:", "out:"), " lacks the field 'graphs.step.outputs'");
        assertRefused(
                GOOD.replace("\"type\": \"int64\", \"shape\"", "\"type\": \"int64\", \"form\""),
                " lacks the field 'graphs.step.inputs.length.shape'");
    }

    @Test
    void namesTheFieldThatIsOfAnotherKind() {
        assertRefused(
                GOOD.replace("maxBatchSize: 16", "maxBatchSize: many"),
                ": field 'graphs.step.maxBatchSize' must be a whole number, not \"many\"");
        assertRefused(
                GOOD.replace("[\"B\", 4]", "4"),
                ": field 'graphs.step.inputs.x.shape' must be a list, not 4");
        assertRefused(
                "schema: 1\nname: a\nversion: b\nkind: c\ngraphs: [step]\n",
                ": field 'graphs' must be a mapping, not [\"step\"]");
        assertRefused(
                GOOD.replace("name: \"counter\"", "name: [counter]"),
                ": field 'name' must be a word, not [\"counter\"]");
    }

    @Test
    void refusesABatchOfNone() {
        assertRefused(
                GOOD.replace("maxBatchSize: 16", "maxBatchSize: 0"),
                ": maxBatchSize of graph step is 0, not >= 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../counter", "a b", ""})
    void refusesABadName(String name) {
        assertRefused(
                GOOD.replace("\"counter\"", '"' + name + '"'),
                ": a bundle is written name@version, each of letters, digits and .+_-, not '"
                        + name
                        + "@1.2.0'");
    }

    @Test
    void refusesAGraphFileThatIsNotThere() {
        assertRefused(
                GOOD.replace("step.onnx", "leap.onnx"),
                " names the graph file leap.onnx, which is not there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"schema: [", "a: b: c", "\u0000\u0001", "%YAML 9", "\t- x"})
    void refusesWhatIsNotYaml(String text) {
        assertRefused(text, " is not readable as YAML: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "just words", "- 1\n- 2", "# nothing"})
    void refusesWhatIsNoMapping(String text) {
        assertRefused(text, " lacks the field 'schema'");
    }

    @Test
    void refusesBytesThatAreNoText() throws IOException {
        Files.write(folder.resolve("bundle.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, 2});
        assertThatThrownBy(() -> BundleReader.read(folder)).isInstanceOf(BundleException.class);
    }

    private void assertRefused(String description, String message) {
        assertThatThrownBy(() -> read(description))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(folder.resolve("bundle.yaml") + message);
    }

    private Bundle read(String description) throws IOException, BundleException {
        Files.writeString(folder.resolve("bundle.yaml"), description, StandardCharsets.UTF_8);
        return BundleReader.read(folder);
    }
}
