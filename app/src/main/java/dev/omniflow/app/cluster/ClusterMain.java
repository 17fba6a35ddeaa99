package dev.omniflow.app.cluster;

import dev.omniflow.app.LibrarySettings;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.runtime.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.entrypoint.ClusterEntrypoint;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskExecutorResourceUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/**
 * The entry of every process of a cluster, in containers too:
 *
 * <pre>
 * broker FOLDER PORT CONTROLLER-PORT     a Kafka broker on loopback
 * job-manager CONF [KEY=VALUE…]          CONF is a folder with Flink's config.yaml
 * task-manager CONF [KEY=VALUE…]
 * submit CONF [KEY=VALUE…] --OPTION VALUE…   submits the captions job, see {@link SubmitCommand}
 * </pre>
 */
public final class ClusterMain {
    /** Set to {@code stdin}, the process ends when its standard input does. */
    static final String PARENT_PROPERTY = "omniflow.cluster.parent";

    /** As the shell says it: the process was ended from outside. */
    private static final int ORPHANED = 143;

    private ClusterMain() {}

    /** Plays the role that the first argument names. */
    public static void main(String[] arguments) throws Exception {
        LibrarySettings.apply(OmniflowHome.current());
        if (System.getProperty(PARENT_PROPERTY, "").equals("stdin")) {
            endWithParent();
        }
        if (arguments.length < 2) {
            throw new IllegalArgumentException(
                    "expected a role and its arguments, but got " + List.of(arguments));
        }
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (arguments[0]) {
            case "broker" -> runBroker(rest);
            case "job-manager" ->
                    ClusterEntrypoint.runClusterEntrypoint(
                            new StandaloneSessionClusterEntrypoint(configuration(rest)));
            case "task-manager" -> runTaskManager(configuration(rest));
            case "submit" -> System.exit(SubmitCommand.run(configuration(rest), options(rest)));
            default ->
                    throw new IllegalArgumentException(
                            "expected the role broker, job-manager, task-manager or submit, but got '"
                                    + arguments[0]
                                    + "'");
        }
    }

    private static Configuration configuration(String[] arguments) {
        Configuration settings = ClusterSettings.common();
        settings.addAll(GlobalConfiguration.loadConfiguration(arguments[0]));
        for (String setting : settings(arguments)) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("expected KEY=VALUE, but got '" + setting + "'");
            }
            settings.setString(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return settings;
    }

    /** The arguments between the folder and the first option. */
    private static List<String> settings(String[] arguments) {
        return Arrays.stream(arguments).skip(1).takeWhile(argument -> !isOption(argument)).toList();
    }

    private static List<String> options(String[] arguments) {
        return Arrays.stream(arguments).dropWhile(argument -> !isOption(argument)).toList();
    }

    private static boolean isOption(String argument) {
        return argument.startsWith("--");
    }

    private static void runTaskManager(Configuration settings) {
        // The memory of the virtual machine is set where it is started. What Flink would check it
        // against is filled in as for a cluster inside a process.
        TaskManagerRunner.runTaskManagerProcessSecurely(
                TaskExecutorResourceUtils.adjustForLocalExecution(settings));
    }

    private static void runBroker(String[] arguments)
            throws IOException, InterruptedException, ExecutionException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException(
                    "expected FOLDER PORT CONTROLLER-PORT, but got " + List.of(arguments));
        }
        EmbeddedBroker broker =
                EmbeddedBroker.open(
                        Path.of(arguments[0]),
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2]));
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "broker-close"));
        broker.stopped().get();
    }

    private static void endWithParent() {
        Thread watch =
                new Thread(
                        () -> {
                            try {
                                while (System.in.read() >= 0) {
                                    // Nothing is ever written: only the end matters.
                                }
                            } catch (IOException e) {
                                // A broken pipe says the same as its end.
                            }
                            Runtime.getRuntime().halt(ORPHANED);
                        },
                        "omniflow-parent-watch");
        watch.setDaemon(true);
        watch.start();
    }
}
