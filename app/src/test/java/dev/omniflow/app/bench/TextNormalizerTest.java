package dev.omniflow.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class TextNormalizerTest {
    private static final Path CASES = Path.of("..", "bench", "normalisation-cases.tsv");

    @Test
    void agreesWithThePythonImplementationOnItsExamples() throws IOException {
        List<String> lines = Files.readAllLines(CASES);
        assertThat(lines.get(0)).isEqualTo("input\tlanguage\texpected");
        assertThat(lines).hasSizeGreaterThan(40);
        SoftAssertions softly = new SoftAssertions();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\t", -1);
            softly.assertThat(TextNormalizer.normalize(cells[0], cells[1]))
                    .as(line)
                    .isEqualTo(cells[2]);
        }
        softly.assertAll();
    }

    @Test
    void foldsAccents() {
        assertThat(TextNormalizer.foldAccents("número niño ça")).isEqualTo("numero nino ca");
    }
}
