package dev.omniflow.sinks.captions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Word;
import dev.omniflow.sinks.captions.internal.TextWidth;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CueLayoutTest {
    private final Captions captions = new Captions();
    private final CueLayout layout = new CueLayout(CueLayoutOptions.DEFAULT);

    private List<Cue> layOut(OutputEvent... events) {
        List<Cue> cues = new ArrayList<>();
        for (OutputEvent event : events) {
            cues.addAll(layout.add(event));
        }
        cues.addAll(layout.finish());
        return cues;
    }

    private static List<String> texts(List<Cue> cues) {
        return cues.stream().map(cue -> String.join(" / ", cue.lines())).toList();
    }

    @Test
    void aShortCaptionIsOneCueThatStaysUntilItIsRead() {
        List<Cue> cues = layOut(captions.evenly(0, 1, 2, "Ask not what your country can do."));

        // 33 characters at 17 a second
        assertThat(cues)
                .containsExactly(
                        new Cue(
                                0,
                                1_000_000,
                                2_942_000,
                                List.of("Ask not what your country can do.")));
    }

    @Test
    void aLongLineIsBrokenInBalance() {
        assertThat(
                        texts(
                                layOut(
                                        captions.evenly(
                                                0,
                                                0,
                                                5,
                                                "the quick brown fox jumps over the lazy dog and"
                                                        + " runs away"))))
                .containsExactly("the quick brown fox jumps over / the lazy dog and runs away");
    }

    @Test
    void linesPreferToEndWithAClause() {
        assertThat(
                        texts(
                                layOut(
                                        captions.evenly(
                                                0,
                                                0,
                                                5,
                                                "And so, my fellow Americans, ask not what your"
                                                        + " country can do"))))
                .containsExactly("And so, my fellow Americans, / ask not what your country can do");
    }

    @Test
    void cuesPreferToEndWithASentence() {
        String text =
                "This is the first sentence of the talk. Here is another one, which is longer than"
                        + " it. And this is the end.";

        assertThat(texts(layOut(captions.evenly(0, 0, 10, text))))
                .containsExactly(
                        "This is the first sentence of the talk.",
                        "Here is another one, which is / longer than it. And this is the end.");
    }

    @Test
    void aTitleIsNoEndOfASentence() {
        assertThat(
                        texts(
                                layOut(
                                        captions.evenly(
                                                0,
                                                0,
                                                6,
                                                "We went to the house of Mr. Henderson and waited"
                                                        + " there for J. Smith until the evening"
                                                        + " came"))))
                .allMatch(text -> !text.endsWith("Mr.") && !text.endsWith("J."))
                .noneMatch(text -> text.contains("Mr. /"));
    }

    @Test
    void aLongPauseParts() {
        List<Cue> cues =
                layOut(
                        captions.caption(
                                0,
                                0,
                                6,
                                "wait for it now",
                                List.of(
                                        Captions.word("wait", 0, 0.5),
                                        Captions.word("for", 0.5, 0.8),
                                        Captions.word("it", 0.8, 1),
                                        Captions.word("now", 5, 6))));

        assertThat(cues)
                .containsExactly(
                        new Cue(0, 0, 1_000_000, List.of("wait for it")),
                        new Cue(0, 5_000_000, 6_000_000, List.of("now")));
    }

    @Test
    void noCueIsLongerThanSevenSeconds() {
        List<Cue> cues =
                layOut(
                        captions.evenly(0, 0, 20, "one two three four five"),
                        captions.caption(
                                0, 20, 40, "aaah", List.of(Captions.word("aaah", 20, 40))));

        assertThat(cues).allMatch(cue -> cue.endUs() - cue.startUs() <= 7_000_000);
        assertThat(String.join(" ", texts(cues))).isEqualTo("one two three four five aaah");
    }

    @Test
    void aShortCueStaysWhereThereIsRoomButNeverOverTheNext() {
        List<Cue> cues =
                layOut(
                        captions.evenly(0, 1, 1.2, "Yes."),
                        captions.evenly(0, 1.6, 1.8, "No."),
                        captions.evenly(0, 9, 9.1, "Go."));

        assertThat(cues)
                .containsExactly(
                        new Cue(0, 1_000_000, 1_517_000, List.of("Yes.")),
                        new Cue(0, 1_600_000, 2_433_000, List.of("No.")),
                        new Cue(0, 9_000_000, 9_833_000, List.of("Go.")));
    }

    @Test
    void cuesThatAlmostTouchAreJoined() {
        List<Cue> cues =
                layOut(captions.evenly(0, 1, 3, "Hello."), captions.evenly(0, 3.05, 5, "World."));

        assertThat(cues.get(0).endUs()).isEqualTo(3_050_000);
        assertThat(cues.get(1).startUs()).isEqualTo(3_050_000);
    }

    @Test
    void captionsThatOverlapOnAChannelDoNotMakeCuesThatDo() {
        List<Cue> cues =
                layOut(captions.evenly(0, 1, 3, "Hello."), captions.evenly(0, 1, 2, "World."));

        assertThat(cues)
                .containsExactly(
                        new Cue(0, 1_000_000, 1_833_000, List.of("Hello.")),
                        new Cue(0, 1_833_000, 2_666_000, List.of("World.")));
    }

    @Test
    void channelsMayOverlap() {
        List<Cue> cues =
                layOut(captions.evenly(0, 1, 3, "Hello."), captions.evenly(1, 2, 4, "World."));

        assertThat(cues)
                .containsExactly(
                        new Cue(0, 1_000_000, 3_000_000, List.of("Hello.")),
                        new Cue(1, 2_000_000, 4_000_000, List.of("World.")));
    }

    @Test
    void aWordWiderThanALineIsCut() {
        List<Cue> cues = layOut(captions.evenly(0, 0, 4, "x".repeat(100)));

        assertThat(cues).flatExtracting(Cue::lines).allMatch(line -> line.length() <= 42);
        assertThat(String.join("", cues.stream().flatMap(cue -> cue.lines().stream()).toList()))
                .isEqualTo("x".repeat(100));
    }

    @Test
    void chineseIsBrokenBetweenItsCharacters() {
        String text = "我们今天来讨论一下人工智能在实时字幕中的应用以及它所面临的各种挑战，希望大家喜欢。";
        List<Word> words =
                text.codePoints()
                        .mapToObj(
                                c ->
                                        Captions.word(
                                                Character.toString(c),
                                                text.indexOf(c) * 0.2,
                                                text.indexOf(c) * 0.2 + 0.2))
                        .toList();

        List<Cue> cues = layOut(captions.caption(0, 0, 9, text, words));

        assertThat(cues).flatExtracting(Cue::lines).allMatch(line -> TextWidth.of(line) <= 42);
        assertThat(cues.size()).isLessThanOrEqualTo(3);
        assertThat(String.join("", cues.stream().flatMap(cue -> cue.lines().stream()).toList()))
                .isEqualTo(text);
    }

    @Test
    void arabicKeepsItsOrder() {
        String text = "مرحبا بكم في هذا البرنامج الجديد، نتمنى لكم وقتا ممتعا معنا اليوم";

        List<Cue> cues = layOut(captions.evenly(0, 0, 6, text));

        assertThat(String.join(" ", cues.stream().flatMap(cue -> cue.lines().stream()).toList()))
                .isEqualTo(text);
    }

    @Test
    void marksStayWithTheirCharacters() {
        String family = "👨‍👩‍👧‍👦";
        String text = family.repeat(20);

        List<Cue> cues = layOut(captions.evenly(0, 0, 6, text));

        assertThat(cues).flatExtracting(Cue::lines).allMatch(line -> TextWidth.of(line) <= 42);
        assertThat(String.join("", cues.stream().flatMap(cue -> cue.lines().stream()).toList()))
                .isEqualTo(text);
    }

    @Test
    void aCaptionWithoutWordsIsTimedByItsSpan() {
        List<Cue> cues =
                layOut(
                        captions.caption(
                                0, 2, 12, "One two three. Four five six seven.", List.of()));

        assertThat(cues.get(0).startUs()).isEqualTo(2_000_000);
        assertThat(String.join(" ", texts(cues))).isEqualTo("One two three. Four five six seven.");
    }

    @Test
    void anEmptyCaptionIsNoCue() {
        assertThat(layOut(captions.evenly(0, 0, 1, "  "))).isEmpty();
    }

    @Test
    void theLastCueOfAChannelIsHeldUntilMediaIsFarPastIt() {
        assertThat(layout.add(captions.evenly(0, 0, 1, "Hello."))).isEmpty();
        assertThat(layout.add(captions.evenly(1, 50, 51, "World."))).isEmpty();
        assertThat(texts(layout.add(captions.evenly(1, 61, 62, "Again."))))
                .containsExactly("Hello.", "World.");
        assertThat(texts(layout.finish())).containsExactly("Again.");
        assertThat(layout.finish()).isEmpty();
    }

    @Test
    void onlyFinalCaptionsAreLaidOut() {
        OutputEvent partial = captions.evenly(0, 0, 1, "maybe");
        ((Caption) partial.getPayload()).setFinality(Finality.PARTIAL);
        OutputEvent end = captions.evenly(0, 0, 1, "");
        end.setPayload(new StreamEnd(3L));

        assertThatThrownBy(() -> layout.add(partial)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> layout.add(end))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "expected a final caption, but output 1 of stream CAPTIONS of session s is"
                                + " a StreamEnd");
    }
}
