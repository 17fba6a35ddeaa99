package dev.omniflow.speech.whisper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LanguageEvidenceTest {
    private static final Map<String, Double> FRENCH = Map.of("en", -4.0, "fr", -0.05);
    private static final Map<String, Double> ENGLISH = Map.of("en", -0.05, "fr", -4.0);
    private static final Map<String, Double> DOUBT = Map.of("en", -0.6, "fr", -0.8);

    @Test
    void oneUtteranceDecidesAlone() {
        assertThat(LanguageEvidence.none().with(FRENCH, 1).likeliest()).isEqualTo("fr");
    }

    @Test
    void doubtIsDecidedByWhatWasHeardBefore() {
        assertThat(LanguageEvidence.none().with(DOUBT, 1).likeliest()).isEqualTo("en");
        assertThat(LanguageEvidence.none().with(FRENCH, 4).with(DOUBT, 1).likeliest())
                .isEqualTo("fr");
    }

    @Test
    void aRealChangeWins() {
        LanguageEvidence changed =
                LanguageEvidence.none()
                        .with(FRENCH, 10)
                        .with(FRENCH, 10)
                        .with(ENGLISH, 4)
                        .with(ENGLISH, 4);

        assertThat(changed.likeliest()).isEqualTo("en");
    }

    @Test
    void ofEqualsTheFirstInTheAlphabet() {
        assertThat(
                        LanguageEvidence.none()
                                .with(Map.of("sv", -1.0, "de", -1.0, "fr", -1.0), 4)
                                .likeliest())
                .isEqualTo("de");
    }

    @Test
    void nothingHeardIsNoLanguage() {
        assertThatThrownBy(() -> LanguageEvidence.none().likeliest())
                .isInstanceOf(IllegalStateException.class);
    }
}
