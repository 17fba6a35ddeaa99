package dev.omniflow.sinks.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.OutputEvent;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaptionFormatTest {
    private final Captions captions = new Captions();

    private static String write(CaptionFormat format, int channels, OutputEvent... events)
            throws IOException {
        StringBuilder out = new StringBuilder();
        CaptionWriter writer = format.writer(out, channels);
        for (OutputEvent event : events) {
            writer.write(event);
        }
        writer.finish();
        return out.toString();
    }

    @Test
    void webVtt() throws IOException {
        assertThat(
                        write(
                                CaptionFormat.VTT,
                                1,
                                captions.evenly(0, 1, 3, "Tom & Jerry <3 --> you"),
                                captions.evenly(0, 360_003.5, 360_005, "Bye.")))
                .isEqualTo(
                        """
                        WEBVTT

                        00:00:01.000 --> 00:00:03.000
                        Tom &amp; Jerry &lt;3 --&gt; you

                        100:00:03.500 --> 100:00:05.000
                        Bye.

                        """);
    }

    @Test
    void webVttNamesChannelsAsVoices() throws IOException {
        assertThat(
                        write(
                                CaptionFormat.VTT,
                                2,
                                captions.evenly(1, 2, 4, "Hello."),
                                captions.evenly(0, 1, 3, "Good morning.")))
                .isEqualTo(
                        """
                        WEBVTT

                        00:00:01.000 --> 00:00:03.000
                        <v Channel 1>Good morning.

                        00:00:02.000 --> 00:00:04.000
                        <v Channel 2>Hello.

                        """);
    }

    @Test
    void subRip() throws IOException {
        assertThat(
                        write(
                                CaptionFormat.SRT,
                                1,
                                captions.evenly(0, 1, 3, "Tom & Jerry --> you"),
                                captions.evenly(0, 3600, 3602.25, "Bye.")))
                .isEqualTo(
                        """
                        1
                        00:00:01,000 --> 00:00:03,000
                        Tom & Jerry → you

                        2
                        01:00:00,000 --> 01:00:02,250
                        Bye.

                        """);
    }

    @Test
    void subRipLabelsChannelsWithinItsLines() throws IOException {
        String text =
                write(
                        CaptionFormat.SRT,
                        2,
                        captions.evenly(
                                0, 1, 6, "There is quite a lot to say about this, you know."));

        assertThat(text)
                .isEqualTo(
                        """
                        1
                        00:00:01,000 --> 00:00:06,000
                        [Channel 1] There is quite a lot to
                        say about this, you know.

                        """);
    }

    @Test
    void plainText() throws IOException {
        assertThat(
                        write(
                                CaptionFormat.TXT,
                                1,
                                captions.evenly(0, 1, 3, "Hello\nthere."),
                                captions.evenly(0, 3, 4, " "),
                                captions.evenly(0, 5, 6, "Bye.")))
                .isEqualTo("Hello there.\nBye.\n");
        assertThat(
                        write(
                                CaptionFormat.TXT,
                                2,
                                captions.evenly(1, 5, 6, "Bye."),
                                captions.evenly(0, 1, 3, "Hello.")))
                .isEqualTo("[Channel 1] Hello.\n[Channel 2] Bye.\n");
    }

    @Test
    void jsonLines() throws IOException {
        assertThat(
                        write(
                                CaptionFormat.JSONL,
                                1,
                                captions.caption(
                                        0,
                                        1.0004,
                                        2.5,
                                        "Say \"hi\".",
                                        List.of(
                                                Captions.word("Say", 1, 1.5),
                                                Captions.word("\"hi\".", 1.5, 2.5)))))
                .isEqualTo(
                        "{\"utterance\":0,\"channel\":0,\"start\":1.000,\"end\":2.500,"
                                + "\"text\":\"Say \\\"hi\\\".\",\"language\":\"en\","
                                + "\"confidence\":0.8750,\"words\":["
                                + "{\"text\":\"Say\",\"start\":1.000,\"end\":1.500,"
                                + "\"confidence\":0.9000},"
                                + "{\"text\":\"\\\"hi\\\".\",\"start\":1.500,\"end\":2.500,"
                                + "\"confidence\":0.9000}],\"speaker\":null}\n");
    }

    @Test
    void withoutCaptionsTheDocumentIsStillWellFormed() throws IOException {
        assertThat(write(CaptionFormat.VTT, 1)).isEqualTo("WEBVTT\n\n");
        assertThat(write(CaptionFormat.SRT, 1)).isEmpty();
        assertThat(write(CaptionFormat.JSONL, 1)).isEmpty();
        assertThat(write(CaptionFormat.TXT, 1)).isEmpty();
    }

    @Test
    void writesAsEarlyAsItCan() throws IOException {
        StringWriter out = new StringWriter();
        CaptionWriter lines = CaptionFormat.TXT.writer(new BufferedWriter(out), 1);
        lines.write(captions.evenly(0, 1, 2, "Hello."));
        assertThat(out.toString()).isEqualTo("Hello.\n");

        StringWriter cues = new StringWriter();
        CaptionWriter writer = CaptionFormat.SRT.writer(new BufferedWriter(cues), 1);
        writer.write(captions.evenly(0, 1, 2, "Hello."));
        assertThat(cues.toString()).isEmpty();
        writer.write(captions.evenly(0, 5, 6, "World."));
        assertThat(cues.toString()).contains("Hello.").doesNotContain("World.");
    }

    @Test
    void aSilentChannelDoesNotHoldTheOtherForEver() throws IOException {
        StringBuilder out = new StringBuilder();
        CaptionWriter writer = CaptionFormat.TXT.writer(out, 2);
        writer.write(captions.evenly(0, 1, 2, "Hello."));
        assertThat(out.toString()).isEmpty();
        writer.write(captions.evenly(0, 62, 63, "Anyone?"));
        assertThat(out.toString()).isEqualTo("[Channel 1] Hello.\n");
    }

    @Test
    void refusesAChannelThatTheSessionDoesNotHave() {
        CaptionWriter writer = CaptionFormat.TXT.writer(new StringBuilder(), 1);

        assertThatThrownBy(() -> writer.write(captions.evenly(1, 0, 1, "Hello.")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the session has channels 0 to 0, but this is of channel 1");
    }

    @Test
    void hasNames() {
        assertThat(CaptionFormat.of("JSONL")).hasValue(CaptionFormat.JSONL);
        assertThat(CaptionFormat.of("vtt")).hasValue(CaptionFormat.VTT);
        assertThat(CaptionFormat.of("ass")).isEmpty();
        assertThat(CaptionFormat.SRT.extension()).isEqualTo("srt");
    }
}
