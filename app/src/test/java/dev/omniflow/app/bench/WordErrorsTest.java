package dev.omniflow.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class WordErrorsTest {
    @Test
    void countsEachKind() {
        assertThat(between("please enter your number", "please entre your number"))
                .isEqualTo(new WordErrors(4, 1, 0, 0));
        assertThat(between("please enter your number", "please your number"))
                .isEqualTo(new WordErrors(4, 0, 1, 0));
        assertThat(between("please enter", "please do enter"))
                .isEqualTo(new WordErrors(2, 0, 0, 1));
        assertThat(between("a b c", "a b c").rate()).hasValue(0);
        assertThat(WordErrors.between(List.of(), List.of("a")).rate()).isEmpty();
    }

    @Property(tries = 200)
    void nobodyNeedsMoreEditsThanWords(
            @ForAll("words") List<String> reference, @ForAll("words") List<String> heard) {
        WordErrors errors = WordErrors.between(reference, heard);
        assertThat(errors.total()).isLessThanOrEqualTo(Math.max(reference.size(), heard.size()));
        assertThat(errors.total())
                .isGreaterThanOrEqualTo(Math.abs(reference.size() - heard.size()));
        assertThat(errors.insertions() - errors.deletions())
                .isEqualTo(heard.size() - reference.size());
        assertThat(WordErrors.between(heard, reference).total()).isEqualTo(errors.total());
    }

    @Provide
    Arbitrary<List<String>> words() {
        return Arbitraries.of("a", "b", "c").list().ofMaxSize(8);
    }

    @Test
    void knowsALoop() {
        assertThat(Score.loops(words("no no no"))).isFalse();
        assertThat(Score.loops(words("no no no no"))).isTrue();
        assertThat(Score.loops(words("on and on and on and on and so"))).isTrue();
        assertThat(Score.loops(words("please enter your number please enter your name"))).isFalse();
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    private static WordErrors between(String reference, String heard) {
        return WordErrors.between(words(reference), words(heard));
    }
}
