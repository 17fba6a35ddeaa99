package dev.omniflow.app.cluster;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.util.ParameterTool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits the captions job to a cluster that runs, after making its topics. Does nothing if the job
 * runs there already, so that it can be repeated.
 */
final class SubmitCommand {
    /** The job's name on every cluster. */
    static final String JOB_NAME = "omniflow captions";

    private static final Logger LOG = LoggerFactory.getLogger(SubmitCommand.class);
    private static final String MODEL = "model";
    private static final String SAVEPOINT = "savepoint";
    private static final String RESUME = "resume";
    private static final Duration RUNNING_LIMIT = Duration.ofMinutes(3);

    private SubmitCommand() {}

    /**
     * Submits and waits until the job runs; returns the exit code of the process.
     *
     * @param settings of the cluster
     * @param arguments options of {@link CaptionsJobOptions} as {@code --key value}, and {@code
     *     --model NAME} for the bundles of this process's home, {@code --savepoint PATH} to begin
     *     with one, {@code --resume true} to begin with the newest checkpoint, if there is any
     */
    static int run(Configuration settings, List<String> arguments)
            throws IOException, InterruptedException, TimeoutException, CommandException {
        Configuration options =
                Configuration.fromMap(
                        ParameterTool.fromArgs(arguments.toArray(String[]::new)).toMap());
        if (options.containsKey(MODEL)) {
            options.set(
                    CaptionsJobOptions.BUNDLES,
                    SpeechModels.find(OmniflowHome.current(), options.toMap().get(MODEL))
                            .folders());
            if (!options.contains(CaptionsJobOptions.BUNDLE_LIBRARIES)) {
                // Where omniflow rollout finds further versions.
                options.set(
                        CaptionsJobOptions.BUNDLE_LIBRARIES,
                        List.of(OmniflowHome.current().bundles().toString()));
            }
        }
        int parallelism = settings.get(CoreOptions.DEFAULT_PARALLELISM);
        KafkaTopics.create(
                options.get(CaptionsJobOptions.BOOTSTRAP_SERVERS),
                KafkaTopics.ofCaptions(parallelism));
        try (ClusterClient client = ClusterClient.connect(settings)) {
            if (client.runs(JOB_NAME)) {
                LOG.info("the job runs already at {}", client.address());
                return 0;
            }
            ClusterJob job =
                    client.submit(
                            JOB_NAME,
                            environment -> CaptionsJob.define(environment, options),
                            parallelism,
                            begin(settings, options));
            job.waitUntilRunning(RUNNING_LIMIT);
            LOG.info("the job {} runs at {}", job.id(), client.address());
            return 0;
        }
    }

    private static Optional<String> begin(Configuration settings, Configuration options)
            throws IOException {
        Optional<String> savepoint = Optional.ofNullable(options.toMap().get(SAVEPOINT));
        if (savepoint.isPresent() || !Boolean.parseBoolean(options.toMap().get(RESUME))) {
            return savepoint;
        }
        Path checkpoints =
                Path.of(URI.create(settings.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY)));
        Optional<String> newest = NewestCheckpoint.under(checkpoints).map(Path::toString);
        LOG.info("begins with {}", newest.orElse("nothing: there is no checkpoint yet"));
        return newest;
    }
}
