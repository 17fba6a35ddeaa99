package dev.omniflow.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.description.Formatter;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;
import org.junit.jupiter.api.Test;

/** The table of options in the documents is what the options say of themselves. */
class OptionsDocumentationTest {
    private static final Path OPERATIONS = Path.of("..", "docs", "operations.md");

    @Test
    void theTableIsThatOfTheOptions() throws Exception {
        String expected =
                String.join(
                        "\n",
                        CaptionsJobOptions.all().stream()
                                .map(OptionsDocumentationTest::row)
                                .toList());

        assertThat(Files.readString(OPERATIONS))
                .as("%s has to hold these lines:%n%s", OPERATIONS, expected)
                .contains("| option | default | |\n|---|---|---|\n" + expected + "\n\n");
    }

    private static String row(ConfigOption<?> option) {
        Formatter text = new HtmlFormatter();
        return "| `"
                + option.key()
                + "` | "
                + (option.hasDefaultValue() ? defaultOf(option.defaultValue()) : "must be given")
                + " | "
                + text.format(option.description())
                + " |";
    }

    private static String defaultOf(Object value) {
        if (value instanceof Duration duration) {
            return TimeUtils.formatWithHighestUnit(duration);
        }
        return value instanceof List<?> list && list.isEmpty() ? "none" : value.toString();
    }
}
