package dev.omniflow.flink;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.core.graph.RuntimeMemory;
import dev.omniflow.core.schedule.SchedulerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.java.tuple.Tuple4;

/**
 * An inference over bundles that come and go, without graphs: its runtime knows what is loaded and
 * refuses bundles that say so. Travels as its name, so the test finds the one that was opened.
 */
final class RolloutModels
        implements InferenceProvider<Tuple4<String, Integer, Long, String>, String> {
    static final String ROLE = "listening";

    private static final long serialVersionUID = 1;
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final Map<String, LoadWatch> RUNTIMES = new ConcurrentHashMap<>();

    private final String name = "models-" + NUMBERS.incrementAndGet();
    private final String folder;

    /**
     * @param folder its {@code library} holds bundles; {@code ear@1} of them is configured
     */
    RolloutModels(Path folder) throws IOException {
        this.folder = folder.toString();
        write("ear", "1", ROLE, false);
    }

    /** Adds a bundle to the library. */
    Path write(String bundle, String version, String kind, boolean unloadable) throws IOException {
        Path target = library().resolve(bundle).resolve(version);
        Files.createDirectories(target);
        byte[] graph = (bundle + version).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Files.write(target.resolve("ear.onnx"), graph);
        Files.writeString(
                target.resolve("bundle.yaml"),
                """
                schema: 1
                name: %s
                version: "%s"
                kind: %s
                parameters:
                  unloadable: %s
                files:
                  ear.onnx: %s
                graphs:
                  ear: {file: ear.onnx, maxBatchSize: 8, inputs: {}, outputs: {}}
                """
                        .formatted(bundle, version, kind, unloadable, sha256(graph)));
        return target;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path library() {
        return Path.of(folder, "library");
    }

    LoadWatch runtime() {
        return RUNTIMES.computeIfAbsent(name, key -> new LoadWatch());
    }

    /** The bundles of the inference that was opened last. */
    LoadedBundles<BundleId> bundles() {
        return runtime().bundles.orElseThrow();
    }

    @Override
    public String key() {
        return name;
    }

    @Override
    public Inference<Tuple4<String, Integer, Long, String>, String> open() {
        LoadWatch runtime = runtime();
        LoadedBundles<BundleId> bundles =
                new LoadedBundles<>(
                        new BundleFolders(
                                List.of(library().resolve("ear").resolve("1")), List.of(library())),
                        runtime,
                        Bundle::id);
        runtime.bundles = Optional.of(bundles);
        return new Inference<>(
                FoldProgram::new, runtime, Optional.of(bundles), SchedulerOptions.ofLanes(1));
    }

    /** Knows what is loaded. */
    static final class LoadWatch implements GraphRuntime {
        private final TreeSet<String> loaded = new TreeSet<>();
        private volatile Optional<LoadedBundles<BundleId>> bundles = Optional.empty();

        /** What is loaded now, as text. */
        synchronized List<String> loaded() {
            return List.copyOf(loaded);
        }

        @Override
        public synchronized void load(Bundle bundle) throws BundleException {
            if (bundle.parameter("unloadable").asBoolean()) {
                throw new BundleException("graph ear of bundle " + bundle.id() + " does not load");
            }
            loaded.add(bundle.id().toString());
        }

        @Override
        public synchronized void unload(BundleId bundle) {
            loaded.remove(bundle.toString());
        }

        @Override
        public RuntimeMemory memory() {
            return new RuntimeMemory(0, 0, 0);
        }

        @Override
        public int maxBatchSize(GraphRef graph) {
            return 8;
        }

        @Override
        public GraphCache newCache() {
            throw new UnsupportedOperationException("no graph is run");
        }

        @Override
        public List<GraphResult.Success> run(int lane, List<GraphCall> calls) {
            throw new UnsupportedOperationException("no graph is run");
        }

        @Override
        public void close() {}
    }
}
