package dev.omniflow.app.caption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.CapturedConsole;
import dev.omniflow.sinks.captions.CaptionFormat;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrintedDocumentsTest {
    private final CapturedConsole captured = new CapturedConsole();

    @Test
    void oneFileIsPrintedAsItIs() throws IOException {
        PrintedDocuments documents = documents(CaptionFormat.VTT, "a.wav");
        documents.target(0).out().append("WEBVTT\n\n").append("cue 1\n\n");
        documents.target(0).complete();
        assertThat(captured.out()).isEqualTo("WEBVTT\n\ncue 1\n\n");
    }

    @Test
    void theFirstUnfinishedFileIsPrintedAsItComesAndOthersWait() throws IOException {
        PrintedDocuments documents = documents(CaptionFormat.SRT, "a.wav", "b.wav", "c.wav");
        documents.target(1).out().append("b1\n");
        documents.target(0).out().append("a1\n");
        assertThat(captured.out()).isEqualTo("a1\n");
        documents.target(2).out().append("c1\n");
        documents.target(2).complete();
        documents.target(0).complete();
        assertThat(captured.out()).isEqualTo("a1\nb1\n");
        documents.target(1).out().append("b2\n");
        documents.target(1).complete();
        assertThat(captured.out()).isEqualTo("a1\nb1\nb2\nc1\n");
    }

    @Test
    void webVttHasOneHeaderAndANoteForEachFile() throws IOException {
        PrintedDocuments documents = documents(CaptionFormat.VTT, "a.wav", "bad.wav", "b-->.wav");
        documents.target(1).close();
        documents.target(2).out().append("WEBVTT\n\n").append("b1\n\n");
        documents.target(2).complete();
        documents.target(0).out().append("WEBVTT\n\na1\n\n").append("a2\n\n");
        documents.target(0).complete();
        assertThat(captured.out())
                .isEqualTo("WEBVTT\n\nNOTE a.wav\n\na1\n\na2\n\nNOTE b->.wav\n\nb1\n\n");
    }

    @Test
    void jsonLinesNameTheirFile() throws IOException {
        PrintedDocuments documents = documents(CaptionFormat.JSONL, "a \"1\".wav", "b.wav");
        documents.target(0).out().append("{\"text\":\"x\"}\n{\"text\":\"y\"}\n");
        documents.target(0).complete();
        documents.target(1).out().append("{\"text\":\"z\"}\n");
        documents.target(1).complete();
        assertThat(captured.out().lines())
                .containsExactly(
                        "{\"file\":\"a \\\"1\\\".wav\",\"text\":\"x\"}",
                        "{\"file\":\"a \\\"1\\\".wav\",\"text\":\"y\"}",
                        "{\"file\":\"b.wav\",\"text\":\"z\"}");
    }

    @Test
    void plainTextNamesEachFile() throws IOException {
        PrintedDocuments documents = documents(CaptionFormat.TXT, "a.wav", "b.wav");
        documents.target(0).out().append("one\n").append("two\n");
        documents.target(0).complete();
        documents.target(1).out().append("three\n");
        documents.target(1).complete();
        assertThat(captured.out()).isEqualTo("# a.wav\none\ntwo\n\n# b.wav\nthree\n");
    }

    private PrintedDocuments documents(CaptionFormat format, String... names) {
        return new PrintedDocuments(captured.console(), format, List.of(names));
    }
}
