package dev.omniflow.speech.whisper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.speech.RealSpeech;
import dev.omniflow.speech.whisper.WhisperTokenizer.Piece;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WhisperTokenizerIT {
    private static WhisperTokenizer tokenizer;

    @BeforeAll
    static void read() throws Exception {
        tokenizer = WhisperTokenizer.read(RealSpeech.bundle("whisper-base").file("tokenizer.json"));
    }

    private static List<Integer> encode(String text) {
        return Arrays.stream(tokenizer.encode(text)).boxed().toList();
    }

    private static List<String> words(String text) {
        return tokenizer.words(encode(text)).stream().map(piece -> piece.text().strip()).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " Hello, world! It's 10:30.",
                " Où est l'été? Ça va.",
                " ¿Qué tal, señor?",
                " 今日は良い天気です。",
                " สวัสดีครับ",
                " Grüße 🎉 naïve",
                ""
            })
    void piecesCoverTheTokensAndSpellTheText(String text) {
        List<Integer> tokens = encode(text);
        assertThat(tokenizer.decode(tokens)).isEqualTo(text);

        List<Piece> words = tokenizer.words(tokens);

        int at = 0;
        for (Piece word : words) {
            assertThat(word.first()).isEqualTo(at);
            assertThat(word.end()).isGreaterThan(at);
            at = word.end();
        }
        assertThat(at).isEqualTo(tokens.size());
        assertThat(words.stream().map(Piece::text).collect(Collectors.joining())).isEqualTo(text);
    }

    @Test
    void cutsAtSpacesAndKeepsPunctuationWithItsWord() {
        assertThat(words(" Unbelievably, it's over... No?"))
                .containsExactly("Unbelievably,", "it's", "over...", "No?");
    }

    @Test
    void cutsScriptsWithoutSpacesAtCharacters() {
        assertThat(words("良い天気。")).hasSizeBetween(3, 4).last().asString().endsWith("。");
    }

    @Test
    void aFileThatIsNoTokenizerIsRefusedByName() {
        assertThatThrownBy(() -> WhisperTokenizer.read(Path.of("pom.xml")))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("cannot read the tokenizer pom.xml");
    }
}
