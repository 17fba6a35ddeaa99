package dev.omniflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.Gap;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.SessionEnd;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Tick;
import dev.omniflow.schemas.codec.EventCodec;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class SessionPublisherTest {
    @Test
    void numbersEventsWithoutHoles() throws Exception {
        Published published = new Published(true);
        try (SessionPublisher session = published.publisher.open("s", "acme")) {
            session.start(Published.start());
            session.audio(0, 0, new short[] {1, -2});
            session.gap(125, 1000, -1, "lost");
            session.tick(1125);
            session.end(1125, EndReason.COMPLETED, "");
        }

        List<MediaEvent> events = published.events("s");

        assertThat(events)
                .extracting(event -> (Object) event.getPayload().getClass())
                .containsExactly(
                        SessionStart.class,
                        AudioFrame.class,
                        Gap.class,
                        Tick.class,
                        SessionEnd.class);
        assertThat(events)
                .allSatisfy(
                        event -> {
                            assertThat(event.getTenant()).isEqualTo("acme");
                            assertThat(event.getIngestTimeUs()).isEqualTo(1_767_323_045_678_901L);
                        });
        assertThat(published.audio("s", 0)).containsExactly(1, -2);
    }

    @Test
    void goesOnWhereAnotherGatewayWas() throws Exception {
        Published published = new Published(true);
        try (SessionPublisher session = published.publisher.open("s", "acme", 3, 17)) {
            session.tick(5);
        }

        assertThat(published.producer.history()).hasSize(1);
        MediaEvent event = EventCodec.MEDIA.decode(published.producer.history().get(0).value());
        assertThat(event.getSequence()).isEqualTo(17);
        assertThat(event.getEpoch()).isEqualTo(3);
    }

    @Test
    void holdsTheOrderOfALog() throws Exception {
        Published published = new Published(true);
        try (SessionPublisher session = published.publisher.open("s", "acme")) {
            assertThatThrownBy(() -> session.tick(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the first event of a session is SessionStart, but to s came Tick");
            session.start(Published.start());
            assertThatThrownBy(() -> session.start(Published.start()))
                    .isInstanceOf(IllegalStateException.class);
            session.tick(10);
            assertThatThrownBy(() -> session.tick(9))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("media time never falls, but in s 9 µs follows 10 µs");
            session.end(10, EndReason.CLOSED, "");
            assertThatThrownBy(() -> session.tick(11))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("nothing follows SessionEnd, but to s came Tick");
        }
        assertThat(published.events("s")).hasSize(3);
    }

    @Test
    void lateFailureSurfacesOnTheNextCall() throws Exception {
        Published published = new Published(false);
        SessionPublisher session = published.publisher.open("s", "acme");
        published.settleNext(published.producer::completeNext);
        session.start(Published.start());
        session.tick(1);
        published.producer.errorNext(new RecordTooLargeException("1 MB is too much"));

        assertThatThrownBy(() -> session.tick(2))
                .isInstanceOf(PublishException.class)
                .hasMessage(
                        "event 1 of session s could not be written to Kafka: 1 MB is too much (is"
                                + " the broker up, and are its topics made?)");
        assertThat(published.producer.history()).hasSize(2);
        assertThatThrownBy(session::close).isInstanceOf(PublishException.class);
    }

    @Test
    void lateFailureSurfacesOnClose() throws Exception {
        Published published = new Published(false);
        SessionPublisher session = published.publisher.open("s", "acme");
        published.settleNext(published.producer::completeNext);
        session.start(Published.start());
        session.tick(1);
        published.producer.errorNext(new TimeoutException("no broker"));

        assertThatThrownBy(session::close)
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("event 1 of session s could not be written");
    }

    @Test
    void theFirstEventIsWrittenBeforeAnotherIsSent() {
        Published published = new Published(false);
        SessionPublisher session = published.publisher.open("s", "acme");
        published.settleNext(() -> published.producer.errorNext(new TimeoutException("no leader")));

        assertThatThrownBy(() -> session.start(Published.start()))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("event 0 of session s could not be written");
        assertThatThrownBy(() -> session.tick(1)).isInstanceOf(PublishException.class);
        assertThat(published.producer.history()).hasSize(1);
    }

    @Test
    void anAbsentBrokerIsSaidInOneLine() throws Exception {
        try (MediaPublisher publisher =
                MediaPublisher.connect("localhost:1", Map.of("max.block.ms", 100))) {
            SessionPublisher session = publisher.open("s", "acme");

            assertThatThrownBy(() -> session.start(Published.start()))
                    .isInstanceOf(PublishException.class)
                    .hasMessageStartingWith(
                            "event 0 of session s could not be written to Kafka: Topic omni.media")
                    .message()
                    .doesNotContain("\n");
        }
    }

    @Test
    void failureToSendAtAllSurfacesAtOnce() throws Exception {
        Published published = new Published(true);
        published.producer.sendException = new TimeoutException("Topic omni.media not present");
        SessionPublisher session = published.publisher.open("s", "acme");

        assertThatThrownBy(() -> session.start(Published.start()))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("Topic omni.media not present");
    }
}
