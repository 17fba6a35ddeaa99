package dev.omniflow.app.bench.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A measurement that cannot fail is none: everything that can go wrong is fed to the check. */
class OutputCheckTest {
    private static final List<OutputEvent> RECORD =
            List.of(
                    SomeOutputs.caption("a", 0, "one"),
                    SomeOutputs.caption("b", 0, "two"),
                    SomeOutputs.caption("a", 1, "three"));
    private static final Outputs EXPECTED = new Outputs(RECORD, RECORD);

    @Test
    void holdsIfAllIsTheSameButTheTimeOfEmission() {
        List<OutputEvent> later =
                RECORD.stream()
                        .map(output -> OutputEvent.newBuilder(output).setEmittedTimeUs(77).build())
                        .toList();
        CheckResult result = OutputCheck.compare(EXPECTED, new Outputs(later, later), 0);
        assertThat(result).isEqualTo(new CheckResult(3, 0, 0, 0, 0, 0, List.of()));
        assertThat(result.holds()).isTrue();
    }

    @Test
    void sessionsAndStreamsMayComeInAnyOrderOfEachOther() {
        List<OutputEvent> other = List.of(RECORD.get(1), RECORD.get(0), RECORD.get(2));
        assertThat(OutputCheck.compare(EXPECTED, new Outputs(other, other), 0).holds()).isTrue();
    }

    @Test
    void findsALostOutputOfTheRecord() {
        CheckResult result =
                OutputCheck.compare(EXPECTED, new Outputs(RECORD.subList(0, 2), RECORD), 0);
        assertThat(result.lost()).isEqualTo(1);
        assertThat(result.holds()).isFalse();
        assertThat(result.findings())
                .containsExactly(
                        "output 1 of stream CAPTIONS of session a is missing from the record");
    }

    @Test
    void findsALostOutputOfTheLiveTopic() {
        CheckResult result =
                OutputCheck.compare(EXPECTED, new Outputs(RECORD, RECORD.subList(1, 3)), 0);
        assertThat(result.lost()).isEqualTo(1);
        assertThat(result.holds()).isFalse();
    }

    @Test
    void findsADoubledOutput() {
        List<OutputEvent> twice = new ArrayList<>(RECORD);
        twice.add(RECORD.get(1));
        CheckResult result = OutputCheck.compare(EXPECTED, new Outputs(twice, RECORD), 0);
        assertThat(result.duplicated()).isEqualTo(1);
        assertThat(result.lost()).isZero();
        assertThat(result.holds()).isFalse();
    }

    @Test
    void repeatsOfTheLiveTopicAreNoDoubledOutputs() {
        List<OutputEvent> twice = new ArrayList<>(RECORD);
        twice.add(RECORD.get(1));
        assertThat(OutputCheck.compare(EXPECTED, new Outputs(RECORD, twice), 0).holds()).isTrue();
    }

    @Test
    void findsAChangedOutput() {
        List<OutputEvent> other =
                List.of(RECORD.get(0), RECORD.get(1), SomeOutputs.caption("a", 1, "tree"));
        CheckResult result = OutputCheck.compare(EXPECTED, new Outputs(other, RECORD), 0);
        assertThat(result.changed()).isEqualTo(1);
        assertThat(result.lost()).isZero();
        assertThat(result.holds()).isFalse();
    }

    @Test
    void anInventedOutputIsAChangedOne() {
        List<OutputEvent> more = new ArrayList<>(RECORD);
        more.add(SomeOutputs.caption("a", 2, "four"));
        CheckResult result = OutputCheck.compare(EXPECTED, new Outputs(more, RECORD), 0);
        assertThat(result.changed()).isEqualTo(1);
        assertThat(result.holds()).isFalse();
    }

    @Test
    void findsDisorderWithinASession() {
        List<OutputEvent> turned = List.of(RECORD.get(2), RECORD.get(0), RECORD.get(1));
        CheckResult result = OutputCheck.compare(EXPECTED, new Outputs(turned, RECORD), 0);
        assertThat(result.disordered()).isEqualTo(1);
        assertThat(result.holds()).isFalse();
    }

    @Test
    void findsADivergingRepeatOfTheLiveTopic() {
        List<OutputEvent> diverging = new ArrayList<>(RECORD);
        diverging.add(SomeOutputs.caption("b", 0, "too"));
        CheckResult result = OutputCheck.compare(EXPECTED, new Outputs(RECORD, diverging), 0);
        assertThat(result.divergent()).isEqualTo(1);
        assertThat(result.holds()).isFalse();
    }

    @Test
    void whatTheReaderCountedAsDivergentCounts() {
        CheckResult result = OutputCheck.compare(EXPECTED, EXPECTED, 2);
        assertThat(result.divergent()).isEqualTo(2);
        assertThat(result.holds()).isFalse();
    }

    @Test
    void partialsPromiseNothing() {
        List<OutputEvent> live = new ArrayList<>(RECORD);
        live.add(
                OutputEvent.newBuilder(SomeOutputs.caption("a", 0, "on"))
                        .setStream(Stream.PARTIALS)
                        .build());
        assertThat(OutputCheck.compare(EXPECTED, new Outputs(RECORD, live), 0).holds()).isTrue();
    }

    @Test
    void aFaultFreeRunThatRepeatsItselfIsNoMeasure() {
        List<OutputEvent> twice = new ArrayList<>(RECORD);
        twice.add(RECORD.get(0));
        assertThatThrownBy(() -> OutputCheck.compare(new Outputs(twice, RECORD), EXPECTED, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("output 0 of stream CAPTIONS of session a twice");
    }

    @Test
    void writesEveryCount() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        new CheckResult(9, 1, 2, 3, 4, 5, List.of()).writeTo(json);
        assertThat(json)
                .hasToString(
                        "{\"finals\":9,\"lost\":1,\"duplicated\":2,\"changed\":3,\"disordered\":4,"
                                + "\"divergent\":5}");
    }
}
