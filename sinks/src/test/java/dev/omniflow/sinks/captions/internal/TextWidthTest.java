package dev.omniflow.sinks.captions.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextWidthTest {
    @ParameterizedTest
    @CsvSource({
        "abc, 3",
        "字幕, 4",
        "ｱｲｳ, 3",
        "ＡＢ, 4",
        "é, 1",
        "e\u0301, 1",
        "한국, 4",
        "👍, 2",
        "，, 2"
    })
    void countsColumns(String text, int width) {
        assertThat(TextWidth.of(text)).isEqualTo(width);
    }
}
