package dev.omniflow.app.cluster;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.runtime.AtExit;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.app.runtime.RunFolder;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code omniflow cluster}. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs Kafka, a Flink JobManager and TaskManagers as processes of this machine, with the"
                    + " captions job on them, until it is interrupted.",
            "A TaskManager that is killed is replaced, and the job goes on from its last checkpoint."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "1:failed, for a reason inside Omniflow or this machine",
            "2:bad usage",
            "3:a model is missing",
            "130:interrupted"
        })
public final class ClusterCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterCommand.class);
    private static final Duration RUNNING_LIMIT = Duration.ofMinutes(3);
    private static final int MOST = 64;

    private final Console console;
    private final OmniflowHome home;

    @Option(
            names = "--task-managers",
            paramLabel = "N",
            defaultValue = "2",
            description = "TaskManager processes. Default: ${DEFAULT-VALUE}")
    private int taskManagers = 2;

    @Option(
            names = "--slots",
            paramLabel = "N",
            defaultValue = "1",
            description = "Slots of each. Default: ${DEFAULT-VALUE}")
    private int slots = 1;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description =
                    "Parallel tasks of the job; fewer than there are slots leaves spare ones, for"
                            + " when a TaskManager dies. Default: all slots")
    private int parallelism;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "whisper-base",
            description =
                    "whisper-base, whisper-tiny.en, or the path of a bundle of your own. Default:"
                            + " ${DEFAULT-VALUE}")
    private String model = "whisper-base";

    @Option(
            names = "--state-backend",
            paramLabel = "NAME",
            defaultValue = "hashmap",
            description = "hashmap or rocksdb. Default: ${DEFAULT-VALUE}")
    private String stateBackend = "hashmap";

    /**
     * @param console where it writes
     * @param home where models and run data lie
     */
    public ClusterCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        from1To(MOST, "--task-managers", taskManagers);
        from1To(MOST, "--slots", slots);
        int tasks = parallelism == 0 ? taskManagers * slots : parallelism;
        from1To(taskManagers * slots, "--parallelism", tasks);
        SpeechModels models = SpeechModels.find(home, model);
        try (RunFolder folder = RunFolder.create(home.run())) {
            run(folder, models, tasks);
            return ExitCode.FAILURE;
        } catch (IOException | TimeoutException e) {
            throw CommandException.failure("the cluster failed: " + e.getMessage(), e);
        }
    }

    private void run(RunFolder folder, SpeechModels models, int tasks)
            throws IOException, InterruptedException, TimeoutException {
        Runnable deleteFolder = () -> delete(folder);
        AtExit.addLast(deleteFolder);
        console.say("starting Kafka, a JobManager and " + count(taskManagers, "TaskManager"));
        try (ProcessCluster cluster = ProcessCluster.start(folder.path(), options(tasks))) {
            ClusterJob job =
                    cluster.submit(
                            SubmitCommand.JOB_NAME,
                            environment ->
                                    CaptionsJob.define(environment, jobOptions(cluster, models)),
                            tasks);
            job.waitUntilRunning(RUNNING_LIMIT);
            console.say("the captions job runs, with parallelism " + tasks);
            console.say("  Kafka         " + cluster.brokers());
            console.say("  Flink (REST)  " + cluster.rest());
            console.say("  logs          " + cluster.logs());
            console.say("Caption something through it, from another terminal:");
            console.say(
                    "  omniflow caption --brokers "
                            + cluster.brokers()
                            + (models.recogniser().id().name().equals("whisper-base")
                                    ? ""
                                    : " --model " + model)
                            + " FILE");
            console.say("Ctrl-C ends it and deletes its data.");
            cluster.broken().get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } finally {
            AtExit.remove(deleteFolder);
        }
    }

    private ProcessClusterOptions options(int tasks) {
        return ProcessClusterOptions.defaults()
                .withTaskManagers(taskManagers, slots)
                .withTopics(KafkaTopics.ofCaptions(tasks))
                .withFlinkSetting("state.backend.type", stateBackend);
    }

    private Configuration jobOptions(ProcessCluster cluster, SpeechModels models) {
        Configuration options = new Configuration();
        options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, cluster.brokers());
        options.set(CaptionsJobOptions.BUNDLES, models.folders());
        // Where omniflow rollout finds further versions.
        options.set(CaptionsJobOptions.BUNDLE_LIBRARIES, List.of(home.bundles().toString()));
        return options;
    }

    private static void delete(RunFolder folder) {
        try {
            folder.close();
        } catch (IOException e) {
            LOG.warn("cannot delete {}; the next start tries again", folder.path(), e);
        }
    }

    private static String count(int number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    private static void from1To(int most, String option, int value) throws CommandException {
        if (value < 1 || value > most) {
            throw CommandException.usage(option + " is from 1 to " + most + ", not " + value);
        }
    }
}
