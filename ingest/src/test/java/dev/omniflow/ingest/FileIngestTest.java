package dev.omniflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.schemas.AudioFrame;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.Gap;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.SessionEnd;
import dev.omniflow.schemas.SessionStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileIngestTest {
    @TempDir Path folder;

    /** A clock that only moves when someone waits on it, and remembers the waits. */
    private static final class ManualClock implements MonotonicClock {
        private long now = 1_000_000_000_000L;
        private final List<Duration> waits = new ArrayList<>();

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void sleep(Duration duration) {
            waits.add(duration);
            now += duration.toNanos();
        }
    }

    private static FileIngestOptions.Builder options() {
        return FileIngestOptions.builder("s", Published.start());
    }

    @Test
    void publishesAFileAsASession() throws Exception {
        short[] noise = Sounds.noise(20_001, 0.3, 1);
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, noise);
        Published published = new Published(true);

        IngestResult result =
                new FileIngest(published.publisher).ingest(file, options().tenant("acme").build());

        List<MediaEvent> events = published.events("s");
        assertThat(events.get(0).getPayload()).isEqualTo(Published.start());
        assertThat(events.subList(1, 4))
                .extracting(MediaEvent::getMediaTimeUs)
                .containsExactly(0L, 500_000L, 1_000_000L);
        assertThat(events.get(4).getPayload()).isEqualTo(new SessionEnd(EndReason.COMPLETED, ""));
        assertThat(events.get(4).getMediaTimeUs()).isEqualTo(1_250_062);
        assertThat(events).hasSize(5).allMatch(event -> event.getTenant().equals("acme"));
        assertThat(published.audio("s", 0)).isEqualTo(noise);
        assertThat(result)
                .isEqualTo(
                        new IngestResult(
                                "s",
                                Duration.ofNanos(1_250_062_500),
                                1,
                                5,
                                EndReason.COMPLETED,
                                List.of()));
    }

    @Test
    void interleavesChannels() throws Exception {
        short[] left = Sounds.noise(24_000, 0.3, 1);
        short[] right = Sounds.noise(24_000, 0.3, 2);
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, left, right);
        Published published = new Published(true);

        IngestResult result =
                new FileIngest(published.publisher)
                        .ingest(file, options().channelMode(ChannelMode.SEPARATE).build());

        assertThat(result.channels()).isEqualTo(2);
        List<MediaEvent> events = published.events("s");
        assertThat(((SessionStart) events.get(0).getPayload()).getChannels()).isEqualTo(2);
        assertThat(events.subList(1, 7))
                .extracting(event -> ((AudioFrame) event.getPayload()).getChannel())
                .containsExactly(0, 1, 0, 1, 0, 1);
        assertThat(published.audio("s", 0)).isEqualTo(left);
        assertThat(published.audio("s", 1)).isEqualTo(right);
    }

    @Test
    void holesBecomeGaps() throws Exception {
        Path file =
                Encoder.to(folder.resolve("a.mkv"), "matroska")
                        .audio("pcm_s16le", 16_000, Sounds.noise(16_000, 0.3, 1))
                        .stamps(at -> at < 12_000 ? at : at + 16_000)
                        .write();
        Published published = new Published(true);

        IngestResult result = new FileIngest(published.publisher).ingest(file, options().build());

        List<MediaEvent> events = published.events("s");
        assertThat(events.get(3).getPayload())
                .isEqualTo(new Gap(1_000_000L, -1, "the file holds no sound here"));
        assertThat(events.get(3).getMediaTimeUs()).isEqualTo(750_000);
        assertThat(events.get(4).getMediaTimeUs()).isEqualTo(1_750_000);
        assertThat(result.duration()).isEqualTo(Duration.ofSeconds(2));
        assertThat(published.audio("s", 0)).hasSize(16_000);
    }

    @Test
    void publishesNothingOfAFileWithoutAudio() throws IOException {
        Path text = Files.writeString(folder.resolve("a.wav"), "no audio here");
        Path empty = Wav.write(folder.resolve("b.wav"), 16_000, new short[0]);
        Published published = new Published(true);
        FileIngest ingest = new FileIngest(published.publisher);

        for (Path file : List.of(text, empty, folder.resolve("absent"))) {
            assertThatThrownBy(() -> ingest.ingest(file, options().build()))
                    .isInstanceOf(MediaUnreadableException.class);
        }
        assertThat(published.producer.history()).isEmpty();
    }

    @Test
    void aFileThatBreaksOffEndsItsSessionAsFailed() throws Exception {
        Path whole = Wav.write(folder.resolve("a.wav"), 16_000, Sounds.noise(64_000, 0.3, 1));
        Path cut =
                Files.write(
                        folder.resolve("cut.wav"),
                        Arrays.copyOf(Files.readAllBytes(whole), 44 + 32_000));
        Published published = new Published(true);

        IngestResult result = new FileIngest(published.publisher).ingest(cut, options().build());

        String why = "ended early at 1.0 s: the file is cut short by 96000 bytes";
        assertThat(result.reason()).isEqualTo(EndReason.FAILED);
        assertThat(result.warnings()).containsExactly(why);
        assertThat(result.duration()).isEqualTo(Duration.ofSeconds(1));
        List<MediaEvent> events = published.events("s");
        assertThat(events.get(events.size() - 1).getPayload())
                .isEqualTo(new SessionEnd(EndReason.FAILED, why));
    }

    @Test
    void realTimeFollowsOneStartWithoutDrift() throws Exception {
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, Sounds.noise(16_000, 0.3, 1));
        Published published = new Published(true);
        ManualClock clock = new ManualClock();
        long begin = clock.nanoTime();
        List<Duration> lateness = new ArrayList<>();
        IngestListener listener =
                new IngestListener() {
                    @Override
                    public void progressed(Duration media) {
                        lateness.add(Duration.ofNanos(clock.now - begin).minus(media));
                        clock.now += 30_000_000; // what publishing took
                    }
                };

        new FileIngest(published.publisher, clock)
                .ingest(file, options().realtime(true).listener(listener).build());

        assertThat(lateness).hasSize(10).containsOnly(Duration.ZERO);
        assertThat(published.events("s")).hasSize(12);
        assertThat(clock.waits.get(0)).isEqualTo(Duration.ofMillis(100));
        assertThat(clock.waits.get(1)).isEqualTo(Duration.ofMillis(70));
    }

    @Test
    void cancellationEndsTheSession() throws Exception {
        Path file = Wav.write(folder.resolve("a.wav"), 16_000, Sounds.noise(160_000, 0.3, 1));
        Published published = new Published(true);
        ManualClock clock = new ManualClock();
        long begin = clock.nanoTime();

        IngestResult result =
                new FileIngest(published.publisher, clock)
                        .ingest(
                                file,
                                options()
                                        .realtime(true)
                                        .cancelled(() -> clock.now - begin >= 300_000_000)
                                        .build());

        assertThat(result.reason()).isEqualTo(EndReason.CLOSED);
        assertThat(result.duration()).isEqualTo(Duration.ofMillis(300));
        List<MediaEvent> events = published.events("s");
        assertThat(events.get(events.size() - 1).getPayload())
                .isEqualTo(new SessionEnd(EndReason.CLOSED, "cancelled"));
    }

    @Test
    void tellsHowItComesAlong() throws Exception {
        Path file = Wav.write(folder.resolve("a.wav"), 8000, Sounds.silence(8000));
        Published published = new Published(true);
        List<Object> told = new ArrayList<>();
        IngestListener listener =
                new IngestListener() {
                    @Override
                    public void started(int channels, Optional<Duration> total) {
                        told.add(channels);
                        told.add(total.orElseThrow());
                    }

                    @Override
                    public void progressed(Duration media) {
                        told.add(media);
                    }
                };

        new FileIngest(published.publisher).ingest(file, options().listener(listener).build());

        assertThat(told)
                .containsExactly(
                        1, Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofSeconds(1));
    }

    @Test
    void defaultsAreAsDocumented() {
        FileIngestOptions bulk = options().build();
        assertThat(bulk.tenant()).isEqualTo("default");
        assertThat(bulk.channelMode()).isEqualTo(ChannelMode.AUTO);
        assertThat(bulk.frameDuration()).isEqualTo(Duration.ofMillis(500));
        assertThat(bulk.realtime()).isFalse();
        assertThat(options().realtime(true).build().frameDuration())
                .isEqualTo(Duration.ofMillis(100));
        assertThatThrownBy(() -> options().frameDuration(Duration.ofMinutes(1)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("frameDuration is from 10 ms to 10 s, but this is 60000 ms");
    }
}
