package dev.omniflow.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.omniflow.app.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    @TempDir private Path folder;

    @Test
    void readsItsTable() throws Exception {
        Corpus corpus = corpus("a.wav\ten\tOne \"two\"", "b.wav\tfr\t", "c.wav\ten\tThree");
        assertThat(corpus.utterances())
                .containsExactly(
                        new Corpus.Utterance("a.wav", "en", "One \"two\""),
                        new Corpus.Utterance("b.wav", "fr", ""),
                        new Corpus.Utterance("c.wav", "en", "Three"));
        assertThat(corpus.only(Set.of("fr")).utterances()).hasSize(1);
        assertThat(corpus.only(Set.of()).utterances()).hasSize(3);
    }

    @Test
    void samplesEachLanguageEvenly() throws Exception {
        Corpus corpus = corpus("a\ten\t", "b\ten\t", "c\ten\t", "d\ten\t", "e\tfr\t").sample(2);
        assertThat(corpus.utterances())
                .extracting(Corpus.Utterance::path)
                .containsExactly("a", "c", "e");
    }

    @Test
    void dealsOutAllOfIt() throws Exception {
        List<Corpus> parts = corpus("a\ten\t", "b\ten\t", "c\ten\t").deal(2);
        assertThat(parts).hasSize(2);
        assertThat(parts.get(0).utterances())
                .extracting(Corpus.Utterance::path)
                .containsExactly("a", "c");
    }

    @Test
    void refusesWhatIsNoCorpus() throws IOException {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> Corpus.read(folder))
                .withMessageContaining("bench/make-corpus");
        Files.writeString(folder.resolve(Corpus.TABLE), "a,b,c\n");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> Corpus.read(folder))
                .withMessageContaining("path, language, transcript");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> corpus("a.wav\ten"))
                .withMessageContaining("line 2: expected 3 columns, got 2");
    }

    private Corpus corpus(String... lines) throws IOException, CommandException {
        Files.writeString(
                folder.resolve(Corpus.TABLE),
                "path\tlanguage\ttranscript\n" + String.join("\n", lines) + "\n");
        return Corpus.read(folder);
    }
}
