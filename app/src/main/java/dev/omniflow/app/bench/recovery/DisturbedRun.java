package dev.omniflow.app.bench.recovery;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.runtime.RunFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * Disturbs the captions job on a cluster of processes under live sessions, plays the same log to a
 * job that nothing happens to, and compares. Where they differ, or something broke, the logs of the
 * processes are kept.
 */
final class DisturbedRun {
    private static final Duration FAULT_FREE_LIMIT = Duration.ofMinutes(40);

    private final Console console;
    private final OmniflowHome home;
    private final String name;

    /**
     * @param console is told how it comes along
     * @param name of the command
     */
    DisturbedRun(Console console, OmniflowHome home, String name) {
        this.console = console;
        this.home = home;
        this.name = name;
    }

    <T> Disturbed<T> run(LiveOptions options, Layout layout, Disturbance<T> disturbance)
            throws CommandException, InterruptedException {
        SpeechModels models = SpeechModels.find(home, options.model());
        List<short[]> sounds = options.sounds(home);
        try (RunFolder folder = RunFolder.create(home.run())) {
            boolean kept = true;
            try {
                Disturbed<T> result = run(folder, models, options, sounds, layout, disturbance);
                kept = !result.check().holds();
                return result;
            } finally {
                if (kept) {
                    keepLogs(folder.path().resolve("logs"));
                }
            }
        } catch (IOException | TimeoutException e) {
            throw CommandException.failure("bench " + name + ": " + e.getMessage(), e);
        }
    }

    private <T> Disturbed<T> run(
            RunFolder folder,
            SpeechModels models,
            LiveOptions options,
            List<short[]> sounds,
            Layout layout,
            Disturbance<T> disturbance)
            throws IOException, InterruptedException, TimeoutException, CommandException {
        console.say(
                "starting Kafka, a JobManager, TaskManagers and "
                        + options.sessions()
                        + " sessions");
        T measured;
        Outputs actual;
        Set<String> sessions;
        LiveWatch watch;
        FaultFreeRun faultFree;
        try (LiveCluster live = LiveCluster.start(folder.path(), models, options, sounds, layout)) {
            measured = disturbance.disturb(live);
            console.say("ending the sessions, and waiting for their captions");
            actual = live.finish();
            sessions = live.load().opened();
            watch = live.watch();
            faultFree = FaultFreeRun.record(home, models, live.cluster().brokers());
        }
        try (faultFree) {
            console.say("playing the same log of " + sessions.size() + " sessions without faults");
            Outputs expected = faultFree.play(sessions, FAULT_FREE_LIMIT);
            return new Disturbed<>(
                    measured,
                    OutputCheck.compare(expected, actual, watch.diverged()),
                    watch.seen(),
                    sessions.size(),
                    watch.repeated(),
                    watch.unreadable());
        }
    }

    private void keepLogs(Path logs) {
        Path kept = home.logs().resolve("bench-" + name + "-" + ProcessHandle.current().pid());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(logs)) {
            Files.createDirectories(kept);
            for (Path file : files) {
                Files.copy(
                        file,
                        kept.resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            console.complain("the logs of the cluster are in " + kept);
        } catch (IOException e) {
            console.complain("the logs of the cluster could not be kept: " + e.getMessage());
        }
    }
}
