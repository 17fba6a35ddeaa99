package dev.omniflow.app.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A Java virtual machine that plays one role of the cluster. It ends when this process does,
 * however that ends: its standard input is a pipe from here, and it stops when the pipe breaks.
 *
 * <p>Thread-safe.
 */
final class ClusterProcess {
    private static final int TAIL_LINES = 15;

    private final String name;
    private final Process process;
    private final Path log;
    private final Path output;

    private ClusterProcess(String name, Process process, Path log, Path output) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.output = output;
    }

    /**
     * Starts a process; returns at once.
     *
     * @param name of the process, and of its log
     * @param virtualMachine options of the Java virtual machine
     * @param arguments of {@link ClusterMain}
     */
    static ClusterProcess start(
            String name,
            ClassPath classPath,
            Path logs,
            List<String> virtualMachine,
            List<String> arguments)
            throws IOException {
        Path log = logs.resolve(name + ".log");
        Path output = logs.resolve(name + ".out");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(virtualMachine);
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-XX:ErrorFile=" + logs.resolve(name + "-crash.log"),
                        // Flink explains an OutOfMemoryError by changing its message.
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-Domniflow.log.file=" + log,
                        "-D" + ClusterMain.PARENT_PROPERTY + "=stdin"));
        command.addAll(classPath.options());
        command.addAll(List.of("-cp", classPath.argument(), ClusterMain.class.getName()));
        command.addAll(arguments);
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .start();
        return new ClusterProcess(name, process, log, output);
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Completes when the process has ended, with its exit code. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** Ends it with SIGKILL: no hook of it runs. Does not wait. */
    void kill() {
        process.destroyForcibly();
    }

    /** Asks it to end. */
    void terminate() {
        process.destroy();
    }

    /** Waits until it has ended, and kills it if it takes too long. */
    void awaitEnd(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /** The failure of a process that is needed and has ended. */
    IOException failure() {
        return new IOException(
                name
                        + " ended with exit code "
                        + process.exitValue()
                        + "; the end of its log:\n"
                        + tail(output)
                        + tail(log));
    }

    private static String tail(Path file) {
        try {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
            return last.isEmpty() ? "" : String.join("\n", last) + "\n";
        } catch (IOException e) {
            return "(" + file + " cannot be read: " + e.getMessage() + ")\n";
        }
    }
}
