package dev.omniflow.sinks.captions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Word;
import dev.omniflow.sinks.captions.internal.TextWidth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** What holds of every layout, however strange the captions. */
class CueLayoutPropertyTest {
    /**
     * A word: its text, whether a space precedes it, the pause before it, and how long it takes.
     */
    record Spoken(String text, boolean space, int pauseMs, int lengthMs) {}

    /** A caption: when it begins after the former one, its channel, its words. */
    record Said(int channel, int afterMs, List<Spoken> words) {}

    @Provide
    Arbitrary<List<Said>> talks() {
        Arbitrary<String> plain =
                Arbitraries.of("a", "I", "and", "people", "sentence.", "well,", "Really?", "Mr.");
        Arbitrary<String> wide = Arbitraries.of("字幕", "。", "こんにちは", "한국어", "，", "👍🏽");
        Arbitrary<String> strange =
                Arbitraries.of(
                        "well-known", "a/b", "-->", "<b>", "&", "é", "…", "“quoted.”", "نعم");
        Arbitrary<String> any = Arbitraries.strings().ofMinLength(1).ofMaxLength(8);
        Arbitrary<String> endless =
                Arbitraries.strings().withCharRange('a', 'z').ofMinLength(30).ofMaxLength(120);
        Arbitrary<String> text =
                Arbitraries.frequencyOf(
                        Tuple.of(12, plain),
                        Tuple.of(3, wide),
                        Tuple.of(3, strange),
                        Tuple.of(1, any),
                        Tuple.of(1, endless));
        Arbitrary<Spoken> spoken =
                Combinators.combine(
                                text,
                                Arbitraries.frequency(Tuple.of(6, true), Tuple.of(1, false)),
                                Arbitraries.frequencyOf(
                                        Tuple.of(5, Arbitraries.just(0)),
                                        Tuple.of(1, Arbitraries.integers().between(-500, 9000))),
                                Arbitraries.integers().between(0, 1500))
                        .as(Spoken::new);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 8000),
                        spoken.list().ofMaxSize(40))
                .as(Said::new)
                .list()
                .ofMaxSize(12);
    }

    private static List<OutputEvent> events(List<Said> talk) {
        Captions captions = new Captions();
        List<OutputEvent> events = new ArrayList<>();
        long now = 0;
        for (Said said : talk) {
            now += said.afterMs;
            long at = now;
            StringBuilder text = new StringBuilder();
            List<Word> words = new ArrayList<>();
            for (Spoken spoken : said.words) {
                at = Math.max(0, at + spoken.pauseMs);
                words.add(new Word(spoken.text, at * 1000, (at + spoken.lengthMs) * 1000, 0.5f));
                at += spoken.lengthMs;
                text.append(spoken.space ? " " : "").append(spoken.text);
            }
            events.add(
                    captions.caption(
                            said.channel, now / 1000.0, at / 1000.0, text.toString(), words));
        }
        return events;
    }

    private static List<Cue> layOut(List<OutputEvent> events, CueLayoutOptions options) {
        CueLayout layout = new CueLayout(options);
        List<Cue> cues = new ArrayList<>();
        events.forEach(event -> cues.addAll(layout.add(event)));
        cues.addAll(layout.finish());
        return cues;
    }

    /** The text without what does not show. */
    private static String visible(String text) {
        return text.codePoints()
                .filter(
                        c ->
                                !Character.isWhitespace(c)
                                        && !Character.isISOControl(c)
                                        && c != 0xFEFF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void noWordIsLostOrMoved(@ForAll("talks") List<Said> talk) {
        List<OutputEvent> events = events(talk);
        Map<Integer, StringBuilder> said = new HashMap<>();
        for (OutputEvent event : events) {
            Caption caption = (Caption) event.getPayload();
            said.computeIfAbsent(caption.getChannel(), channel -> new StringBuilder())
                    .append(visible(caption.getText()));
        }
        Map<Integer, StringBuilder> shown = new HashMap<>();
        for (Cue cue : layOut(events, CueLayoutOptions.DEFAULT)) {
            cue.lines()
                    .forEach(
                            line ->
                                    shown.computeIfAbsent(
                                                    cue.channel(), channel -> new StringBuilder())
                                            .append(visible(line)));
        }
        said.forEach(
                (channel, text) ->
                        assertThat(shown.getOrDefault(channel, new StringBuilder()).toString())
                                .isEqualTo(text.toString()));
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void limitsHold(@ForAll("talks") List<Said> talk) {
        CueLayoutOptions options = CueLayoutOptions.DEFAULT.withFirstLineReserved(12);
        for (Cue cue : layOut(events(talk), options)) {
            assertThat(cue.lines()).hasSizeBetween(1, 2).doesNotContain("");
            assertThat(TextWidth.of(cue.lines().get(0))).isLessThanOrEqualTo(30);
            assertThat(cue.lines()).allMatch(line -> TextWidth.of(line) <= 42);
            assertThat(cue.lines()).allMatch(line -> line.equals(line.strip()));
            assertThat(cue.startUs() % 1000).isZero();
            assertThat(cue.endUs() % 1000).isZero();
            assertThat(cue.endUs() - cue.startUs()).isBetween(1000L, 7_000_000L);
        }
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void cuesOfAChannelComeInOrderWithAGapOrNone(@ForAll("talks") List<Said> talk) {
        Map<Integer, Long> reached = new HashMap<>();
        for (Cue cue : layOut(events(talk), CueLayoutOptions.DEFAULT)) {
            Long end = reached.put(cue.channel(), cue.endUs());
            if (end != null) {
                long gap = cue.startUs() - end;
                assertThat(gap == 0 || gap >= 83_000).as("gap of %d µs", gap).isTrue();
            }
        }
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void theSameCaptionsGiveTheSameCues(@ForAll("talks") List<Said> talk) {
        assertThat(layOut(events(talk), CueLayoutOptions.DEFAULT))
                .isEqualTo(layOut(events(talk), CueLayoutOptions.DEFAULT));
    }
}
