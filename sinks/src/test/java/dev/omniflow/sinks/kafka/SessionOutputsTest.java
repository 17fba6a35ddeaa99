package dev.omniflow.sinks.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Fault;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.ModerationAction;
import dev.omniflow.schemas.ModerationVerdict;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Topics;
import dev.omniflow.schemas.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionOutputsTest {
    private static final TopicPartition ZERO = new TopicPartition(Topics.CAPTIONS, 0);
    private static final TopicPartition ONE = new TopicPartition(Topics.CAPTIONS, 1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final SessionOutputs outputs =
            new SessionOutputs(
                    consumer,
                    Topics.CAPTIONS,
                    Map.of(ZERO, 10L, ONE, 0L),
                    Set.of("mine", "also-mine")::contains);
    private long offset = 10;

    @AfterEach
    void close() {
        outputs.close();
    }

    private static OutputEvent event(String session, Stream stream, long sequence, Object payload) {
        return OutputEvent.newBuilder()
                .setSession(session)
                .setStream(stream)
                .setSequence(sequence)
                .setStartUs(0)
                .setEndUs(1)
                .setEmittedTimeUs(System.nanoTime())
                .setPayload(payload)
                .build();
    }

    private static OutputEvent caption(String session, long sequence, String text) {
        return event(
                session,
                Stream.CAPTIONS,
                sequence,
                Caption.newBuilder()
                        .setFinality(Finality.FINAL)
                        .setUtterance(sequence)
                        .setText(text)
                        .setLanguage("en")
                        .setConfidence(1)
                        .build());
    }

    private void arrive(String key, byte @Nullable [] value) {
        consumer.addRecord(
                new ConsumerRecord<>(
                        Topics.CAPTIONS, 0, offset++, key.getBytes(StandardCharsets.UTF_8), value));
    }

    private void arrive(OutputEvent event) {
        arrive(event.getSession(), EventCodec.OUTPUT.encode(event));
    }

    private List<OutputEvent> poll() throws OutputsUnavailableException {
        return outputs.poll(Duration.ZERO);
    }

    @Test
    void readsFromTheGivenOffsets() {
        assertThat(outputs.positions()).isEqualTo(Map.of(ZERO, 10L, ONE, 0L));
    }

    @Test
    void givesTheWantedSessionsOnly() throws Exception {
        OutputEvent first = caption("mine", 0, "a");
        OutputEvent second = caption("also-mine", 0, "b");
        arrive(first);
        arrive(caption("other", 0, "x"));
        arrive(second);

        assertThat(poll()).containsExactly(first, second);
        assertThat(poll()).isEmpty();
        assertThat(outputs.positions()).containsEntry(ZERO, 13L);
    }

    @Test
    void dropsWhatCameBefore() throws Exception {
        arrive(caption("mine", 0, "a"));
        arrive(caption("mine", 1, "b"));
        arrive(caption("mine", 0, "a"));
        arrive(caption("mine", 1, "b"));
        arrive(caption("mine", 2, "c"));

        assertThat(poll()).extracting(OutputEvent::getSequence).containsExactly(0L, 1L, 2L);
        assertThat(outputs.repeated()).isEqualTo(2);
        assertThat(outputs.diverged()).isZero();
        assertThat(outputs.next("mine", Stream.CAPTIONS)).isEqualTo(3);
    }

    @Test
    void countsWhatCameAgainWithOtherContents() throws Exception {
        arrive(caption("mine", 0, "a"));
        arrive(caption("mine", 0, "b"));

        assertThat(poll())
                .extracting(event -> ((Caption) event.getPayload()).getText())
                .containsExactly("a");
        assertThat(outputs.repeated()).isEqualTo(1);
        assertThat(outputs.diverged()).isEqualTo(1);
    }

    @Test
    void partialsMayDiffer() throws Exception {
        arrive(event("mine", Stream.PARTIALS, 0, new StreamEnd(0L)));
        arrive(event("mine", Stream.PARTIALS, 0, new StreamEnd(1L)));

        assertThat(poll()).hasSize(1);
        assertThat(outputs.diverged()).isZero();
    }

    @Test
    void theOrderOfAMapIsNoDifference() throws Exception {
        Map<String, Float> scores = new LinkedHashMap<>();
        scores.put("hate", 0.5f);
        scores.put("violence", 0.25f);
        Map<String, Float> turned = new LinkedHashMap<>();
        turned.put("violence", 0.25f);
        turned.put("hate", 0.5f);
        arrive(event("mine", Stream.MODERATION, 0, verdict(scores)));
        arrive(event("mine", Stream.MODERATION, 0, verdict(turned)));

        assertThat(poll()).hasSize(1);
        assertThat(outputs.repeated()).isEqualTo(1);
        assertThat(outputs.diverged()).isZero();
    }

    private static ModerationVerdict verdict(Map<String, Float> scores) {
        return ModerationVerdict.newBuilder()
                .setAction(ModerationAction.FLAG)
                .setPolicy("p@1")
                .setScores(scores)
                .build();
    }

    @Test
    void knowsWhichStreamsHaveEnded() throws Exception {
        arrive(caption("mine", 0, "a"));
        arrive(event("mine", Stream.CAPTIONS, 1, new StreamEnd(1L)));

        assertThat(outputs.ended("mine", Stream.CAPTIONS)).isEmpty();
        assertThat(poll()).hasSize(2);
        assertThat(outputs.ended("mine", Stream.CAPTIONS)).hasValue(1L);
        assertThat(outputs.ended("mine", Stream.USAGE)).isEmpty();
        assertThat(outputs.ended("also-mine", Stream.CAPTIONS)).isEmpty();
    }

    @Test
    void knowsWhichSessionsHaveFailed() throws Exception {
        Fault fault = new Fault("graph-failed", "expected …, but …");
        arrive(event("mine", Stream.CAPTIONS, 0, fault));
        arrive(event("mine", Stream.USAGE, 0, new Fault("later", "")));

        assertThat(poll()).hasSize(2);
        assertThat(outputs.fault("mine")).hasValue(fault);
        assertThat(outputs.fault("also-mine")).isEmpty();
    }

    @Test
    void forgetsASession() throws Exception {
        arrive(event("mine", Stream.CAPTIONS, 0, new StreamEnd(0L)));
        poll();
        outputs.forget("mine");

        assertThat(outputs.ended("mine", Stream.CAPTIONS)).isEmpty();
        assertThat(outputs.next("mine", Stream.CAPTIONS)).isZero();
    }

    @Test
    void skipsAndCountsWhatIsNoOutput() throws Exception {
        arrive("mine", new byte[] {1, 2, 3});
        arrive("mine", null);
        arrive("other", new byte[] {1, 2, 3});
        arrive(caption("mine", 0, "a"));

        assertThat(poll()).hasSize(1);
        assertThat(outputs.unreadable()).isEqualTo(2);
    }

    @Test
    void anAbsentBrokerIsSaidInOneLine() {
        assertThatThrownBy(
                        () ->
                                SessionOutputs.connect(
                                        "localhost:1",
                                        Topics.CAPTIONS,
                                        StartPosition.LATEST,
                                        session -> true,
                                        Map.of("default.api.timeout.ms", 100)))
                .isInstanceOf(OutputsUnavailableException.class)
                .hasMessageStartingWith("cannot read topic omni.captions at localhost:1: ")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void saysWhenItCannotReadOn() {
        consumer.setPollException(new KafkaException("no such topic"));

        assertThatThrownBy(this::poll)
                .isInstanceOf(OutputsUnavailableException.class)
                .hasMessage("cannot read topic omni.captions any further: no such topic");
    }
}
