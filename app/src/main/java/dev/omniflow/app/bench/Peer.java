package dev.omniflow.app.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.runtime.AtExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * faster-whisper with the same weights, as bench/peer runs it: int8, beam 1, 2 threads, its model's
 * loading not counted.
 */
final class Peer {
    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final OmniflowHome home;
    private final Path scripts;
    private final Path model;
    private final String language;

    /**
     * @param clone the clone, whose bench folder has the scripts
     * @param model name of the bundle whose weights it uses
     * @param language as its own option takes it
     */
    Peer(OmniflowHome home, Path clone, String model, String language) {
        this.home = home;
        this.scripts = clone.resolve("bench");
        this.model = home.root().resolve("peer").resolve(model);
        this.language = language;
    }

    /** Makes what is missing: the corpus, if it is to be the default one, and the weights. */
    void prepare(Path corpus, boolean makeCorpus) throws CommandException, InterruptedException {
        if (makeCorpus && !Files.exists(corpus.resolve(Corpus.TABLE))) {
            run(List.of(scripts.resolve("make-corpus").toString(), corpus.toString()));
        }
        if (!Files.exists(model.resolve("model.bin"))) {
            run(
                    List.of(
                            scripts.resolve("peer/make-model-dir").toString(),
                            model.getFileName().toString(),
                            model.toString()));
        }
    }

    /** Transcribes all recordings, one after the other. */
    CorpusCaptioner.Run transcribe(Corpus corpus) throws CommandException, InterruptedException {
        try {
            Path folder = Files.createTempDirectory(model.getParent(), "exchange-");
            Path table = folder.resolve(Corpus.TABLE);
            Path out = folder.resolve("out.jsonl");
            Runnable delete = () -> delete(table, out, folder);
            AtExit.add(delete);
            try {
                return transcribe(corpus, folder, table, out);
            } finally {
                AtExit.remove(delete);
                delete.run();
            }
        } catch (IOException e) {
            throw CommandException.failure(
                    "the peer's results cannot be exchanged: " + e.getMessage(), e);
        }
    }

    private static void delete(Path... paths) {
        for (Path path : paths) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                LOG.warn("cannot delete {}", path, e);
            }
        }
    }

    private CorpusCaptioner.Run transcribe(Corpus corpus, Path folder, Path table, Path out)
            throws IOException, CommandException, InterruptedException {
        Map<String, String> names = new HashMap<>();
        List<String> lines = new ArrayList<>(List.of("path\tlanguage\ttranscript"));
        for (Corpus.Utterance utterance : corpus.utterances()) {
            // Absolute: the table lies elsewhere than the recordings.
            String file = corpus.file(utterance).toAbsolutePath().toString();
            names.put(file, utterance.path());
            lines.add(file + "\t" + utterance.language() + "\t");
        }
        Files.write(table, lines);
        run(
                List.of(
                        scripts.resolve("peer/faster_whisper_peer.py").toString(),
                        "--model-dir",
                        model.toString(),
                        "--corpus",
                        folder.toString(),
                        "--language",
                        language,
                        "--threads",
                        "2",
                        "--compute",
                        "int8",
                        "--beam",
                        "1",
                        "--json",
                        out.toString()));
        return read(out, names);
    }

    private static CorpusCaptioner.Run read(Path out, Map<String, String> names)
            throws IOException {
        Map<String, String> heard = new HashMap<>();
        Duration audio = Duration.ZERO;
        Duration took = Duration.ZERO;
        for (String line : Files.readAllLines(out)) {
            JsonNode value = JSON.readTree(line);
            if (value.path("summary").asBoolean()) {
                audio = seconds(value.path("audio_seconds").asDouble());
                took = seconds(value.path("wall_seconds").asDouble());
            } else {
                String path = names.get(value.path("path").asText());
                if (path == null) {
                    throw new IOException(
                            "the peer heard " + value.path("path") + ", which it was not given");
                }
                heard.put(path, value.path("text").asText());
            }
        }
        return new CorpusCaptioner.Run(heard, audio, took);
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    /** The launcher has found one that is new enough. */
    private static String python() {
        return System.getenv().getOrDefault("OMNIFLOW_PYTHON", "python3");
    }

    private void run(List<String> script) throws CommandException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(python()));
        command.addAll(script);
        Process process;
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("OMNIFLOW_HOME", home.root().toString());
            process =
                    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
        } catch (IOException e) {
            throw CommandException.failure("cannot run python3: " + e.getMessage(), e);
        }
        Runnable atExit = process::destroy;
        AtExit.add(atExit);
        int exitCode;
        try {
            process.getOutputStream().close();
            exitCode = process.waitFor();
        } catch (IOException e) {
            throw CommandException.failure("cannot run python3: " + e.getMessage(), e);
        } finally {
            process.destroy();
            AtExit.remove(atExit);
        }
        if (exitCode != 0) {
            throw CommandException.failure(
                    script.get(0) + " ended with exit code " + exitCode, null);
        }
    }
}
