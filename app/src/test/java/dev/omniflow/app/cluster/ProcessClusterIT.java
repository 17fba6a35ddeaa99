package dev.omniflow.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.LibrarySettings;
import dev.omniflow.app.RealThings;
import dev.omniflow.app.caption.CaptionService;
import dev.omniflow.app.caption.SessionListener;
import dev.omniflow.app.caption.SessionResult;
import dev.omniflow.app.caption.SessionSettings;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.ingest.ChannelMode;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.OutputEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The captions job on processes that are killed while a recording goes through. */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class ProcessClusterIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir private Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeAll
    static void configureLibraries() {
        LibrarySettings.apply(RealThings.home());
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void theRecordIsTheSameWhetherATaskManagerIsKilledOrTheJobIsRescaled() throws Exception {
        SpeechModels models = SpeechModels.find(RealThings.home(), "whisper-tiny.en");
        List<Long> processes;
        try (ProcessCluster cluster =
                ProcessCluster.start(
                        folder,
                        ProcessClusterOptions.defaults()
                                .withTaskManagers(2, 1)
                                .withTopics(KafkaTopics.ofCaptions(2)))) {
            Configuration options = new Configuration();
            options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, cluster.brokers());
            options.set(CaptionsJobOptions.BUNDLES, models.folders());
            ClusterJob job =
                    cluster.submit(
                            "captions", environment -> CaptionsJob.define(environment, options), 2);
            job.waitUntilRunning(LIMIT);

            try (CaptionService service = CaptionService.connect(cluster.brokers(), false)) {
                List<String> undisturbed = captions(service, models, false, new CountDownLatch(1));
                assertThat(String.join(" ", undisturbed))
                        .containsIgnoringCase(RealThings.EXPECTED_WORDS);

                CountDownLatch firstCaption = new CountDownLatch(1);
                Future<List<String>> live =
                        threads.submit(() -> captions(service, models, true, firstCaption));
                firstCaption.await();
                int killed = cluster.taskManagersAtWork().get(0);
                cluster.killTaskManager(killed);
                assertThat(cluster.taskManagers()).doesNotContain(killed);
                assertThat(live.get()).isEqualTo(undisturbed);
                assertThat(job.restarts()).isPositive();
                assertThat(job.checkpoints().restored()).isPositive();
                assertThat(cluster.taskManagers()).hasSize(2);

                CountDownLatch again = new CountDownLatch(1);
                Future<List<String>> rescaled =
                        threads.submit(() -> captions(service, models, true, again));
                again.await();
                ClusterJob alone = job.rescale(1);
                alone.waitUntilRunning(LIMIT);
                assertThat(rescaled.get()).isEqualTo(undisturbed);
                assertThat(job.status().isGloballyTerminalState()).isTrue();
                assertThat(alone.checkpoints().completed()).isPositive();
            }
            processes = cluster.processes();
            assertThat(processes).hasSize(4);
        }
        assertThat(processes).allMatch(id -> ProcessHandle.of(id).isEmpty());
    }

    @Test
    void noProcessOutlivesItsParent() throws Exception {
        ClusterProcess broker =
                ClusterProcess.start(
                        "idle",
                        ClassPath.ofThisProcess(folder),
                        folder,
                        List.of("-Xmx64m"),
                        List.of("nothing"));
        assertThat(broker.ended().get()).isNotZero();
        assertThat(broker.failure()).hasMessageContaining("expected a role");
    }

    @Test
    void saysWhyItDoesNotStart() throws Exception {
        Path blocked = folder.resolve("blocked");
        Files.createDirectories(blocked);
        Files.writeString(blocked.resolve("kafka"), "a file where a folder is to be");
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        try (ProcessCluster cluster =
                ProcessCluster.start(blocked, ProcessClusterOptions.defaults())) {
            failure.complete(new AssertionError("it started: " + cluster.brokers()));
        } catch (IOException e) {
            failure.complete(e);
        }
        assertThat(failure.get()).hasMessageContaining("kafka ended with exit code");
    }

    private static List<String> captions(
            CaptionService service,
            SpeechModels models,
            boolean realtime,
            CountDownLatch firstCaption)
            throws Exception {
        List<String> captions = new ArrayList<>();
        SessionResult result =
                service.caption(
                        RealThings.speech(),
                        new SessionSettings(
                                models,
                                Optional.of("en"),
                                "",
                                List.of(),
                                ChannelMode.AUTO,
                                realtime),
                        new SessionListener() {
                            @Override
                            public void caption(OutputEvent event) {
                                captions.add(
                                        event.getStartUs()
                                                + " "
                                                + event.getEndUs()
                                                + " "
                                                + ((Caption) event.getPayload()).getText());
                                firstCaption.countDown();
                            }
                        });
        assertThat(result.fault()).isEmpty();
        return captions;
    }
}
