package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The captions job against Kafka as its own project packs it, in a container. */
@Tag("docker")
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class KafkaContainerIT {
    private static final int PARALLELISM = 2;
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    /** Another one: {@code mvn -Dkafka.image=…}. */
    private static final DockerImageName IMAGE =
            DockerImageName.parse(System.getProperty("omniflow.kafka.image", "apache/kafka:4.2.2"))
                    .asCompatibleSubstituteFor("apache/kafka");

    @TempDir private Path folder;

    @BeforeAll
    static void configureLibraries() {
        LibrarySettings.apply(RealThings.home());
    }

    @Test
    void captionsAFileExactlyOnce() throws Exception {
        SpeechModels models = SpeechModels.find(RealThings.home(), "whisper-tiny.en");
        try (KafkaContainer kafka = new KafkaContainer(IMAGE)) {
            kafka.withStartupTimeout(START_LIMIT).start();
            KafkaTopics.create(kafka.getBootstrapServers(), KafkaTopics.ofCaptions(PARALLELISM));
            JobClient job = submit(kafka.getBootstrapServers(), models);
            try (CaptionService service =
                    CaptionService.connect(kafka.getBootstrapServers(), false)) {
                List<String> texts = new ArrayList<>();
                SessionResult result =
                        service.caption(
                                RealThings.speech(),
                                new SessionSettings(
                                        models,
                                        Optional.of("en"),
                                        "",
                                        List.of(),
                                        ChannelMode.AUTO,
                                        false),
                                new SessionListener() {
                                    @Override
                                    public void caption(OutputEvent event) {
                                        texts.add(((Caption) event.getPayload()).getText());
                                    }
                                });
                assertThat(result.fault()).isEmpty();
                assertThat(String.join(" ", texts)).containsIgnoringCase(RealThings.EXPECTED_WORDS);
            } finally {
                job.cancel().get();
            }
        }
    }

    private JobClient submit(String brokers, SpeechModels models) throws Exception {
        Configuration settings = new Configuration();
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(500));
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.toUri().toString());
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, settings);
        Configuration options = new Configuration();
        options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, brokers);
        options.set(CaptionsJobOptions.BUNDLES, models.folders());
        CaptionsJob.define(environment, options);
        return environment.executeAsync("captions");
    }
}
