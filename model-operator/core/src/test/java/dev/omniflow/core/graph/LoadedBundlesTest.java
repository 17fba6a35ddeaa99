package dev.omniflow.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.bundle.BundleId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedBundlesTest {
    private static final BundleId ONE = new BundleId("model", "1.0.0");
    private static final BundleId TWO = new BundleId("model", "2.0.0");

    @TempDir private Path library;

    private final CountingRuntime runtime = new CountingRuntime();

    /** Knows what is loaded, and refuses what no runtime should be asked. */
    private static final class CountingRuntime implements GraphRuntime {
        private final Set<BundleId> loaded = ConcurrentHashMap.newKeySet();
        private final AtomicInteger loads = new AtomicInteger();

        @Override
        public void load(Bundle bundle) {
            loads.incrementAndGet();
            assertThat(loaded.add(bundle.id())).as("loaded once").isTrue();
        }

        @Override
        public void unload(BundleId bundle) {
            loaded.remove(bundle);
        }

        @Override
        public RuntimeMemory memory() {
            return new RuntimeMemory(loaded.size(), 0, 0);
        }

        @Override
        public int maxBatchSize(GraphRef graph) {
            throw new UnsupportedOperationException();
        }

        @Override
        public GraphCache newCache() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<GraphResult.Success> run(int lane, List<GraphCall> calls) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private LoadedBundles<String> bundles() {
        return new LoadedBundles<>(
                new BundleFolders(List.of(), List.of(library)),
                runtime,
                bundle -> "model of " + bundle.id());
    }

    private Path install(BundleId id) throws Exception {
        Path folder = Files.createDirectories(library.resolve(id.name()).resolve(id.version()));
        byte[] graph = ("graph of " + id).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Files.write(folder.resolve("g.onnx"), graph);
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(graph));
        Files.writeString(
                folder.resolve("bundle.yaml"),
                """
                schema: 1
                name: %s
                version: %s
                kind: test
                files: {g.onnx: "%s"}
                graphs:
                  g: {file: g.onnx, maxBatchSize: 4, inputs: {}, outputs: {}}
                """
                        .formatted(id.name(), id.version(), hash));
        return folder;
    }

    @Test
    void theFirstLoadsAndTheLastUnloads() throws Exception {
        install(ONE);
        LoadedBundles<String> bundles = bundles();

        LoadedBundles<String>.Lease first = bundles.acquire(ONE);
        LoadedBundles<String>.Lease second = bundles.acquire(ONE);
        assertThat(first.model()).isEqualTo("model of model@1.0.0").isSameAs(second.model());
        assertThat(runtime.loads).hasValue(1);
        assertThat(bundles.loadTimes()).containsOnlyKeys(ONE);

        first.close();
        first.close();
        assertThat(runtime.loaded).containsExactly(ONE);
        second.close();
        assertThat(runtime.loaded).isEmpty();
        assertThat(bundles.loadTimes()).isEmpty();

        bundles.acquire(ONE).close();
        assertThat(runtime.loads).hasValue(2);
    }

    @Test
    void whatNobodyUsesIsKeptForWhoComesInTime() throws Exception {
        install(ONE);
        List<Runnable> later = new ArrayList<>();
        LoadedBundles<String> bundles =
                new LoadedBundles<>(
                        new BundleFolders(List.of(), List.of(library)),
                        runtime,
                        bundle -> "model",
                        later::add);

        bundles.acquire(ONE).close();
        LoadedBundles<String>.Lease again = bundles.acquire(ONE);
        assertThat(runtime.loads).hasValue(1);
        again.close();
        later.remove(0).run();
        assertThat(runtime.loaded).as("it was used since").containsExactly(ONE);
        later.remove(0).run();
        assertThat(runtime.loaded).isEmpty();
        bundles.acquire(ONE);
        assertThat(runtime.loads).hasValue(2);
    }

    @Test
    void versionsLieBesideEachOther() throws Exception {
        install(ONE);
        LoadedBundles<String> bundles = bundles();
        LoadedBundles<String>.Lease old = bundles.acquire(ONE);

        install(TWO);
        LoadedBundles<String>.Lease young = bundles.acquire(TWO);
        assertThat(runtime.loaded).containsExactlyInAnyOrder(ONE, TWO);

        old.close();
        assertThat(runtime.loaded).containsExactly(TWO);
        young.close();
    }

    @Test
    void whatIsBrokenChangesNothingAndMayBeMended() throws Exception {
        Path folder = install(ONE);
        byte[] good = Files.readAllBytes(folder.resolve("g.onnx"));
        byte[] bad = good.clone();
        bad[3] ^= 1;
        Files.write(folder.resolve("g.onnx"), bad);
        LoadedBundles<String> bundles = bundles();

        assertThatThrownBy(() -> bundles.acquire(ONE))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("g.onnx of bundle model@1.0.0 is damaged")
                .hasMessageContaining("make the bundle again");
        assertThat(runtime.loaded).isEmpty();
        assertThat(bundles.loadTimes()).isEmpty();

        Files.write(folder.resolve("g.onnx"), good);
        bundles.acquire(ONE).close();
    }

    @Test
    void whatTheReaderRefusesIsUnloadedAgain() throws Exception {
        install(ONE);
        LoadedBundles<String> bundles =
                new LoadedBundles<>(
                        new BundleFolders(List.of(), List.of(library)),
                        runtime,
                        bundle -> {
                            throw new BundleException("not the kind that is wanted");
                        });

        assertThatThrownBy(() -> bundles.acquire(ONE))
                .isInstanceOf(BundleException.class)
                .hasMessage("not the kind that is wanted");
        assertThat(runtime.loaded).isEmpty();
    }

    @Test
    void whatIsNotThereIsSaidToBeMissing() throws IOException {
        assertThatThrownBy(() -> bundles().acquire(TWO))
                .isInstanceOf(BundleException.class)
                .hasMessage("bundle model@2.0.0 is not installed");
        Files.createDirectories(library.resolve("model/2.0.0"));
        assertThatThrownBy(() -> bundles().acquire(TWO)).hasMessageContaining("no bundle in");
    }

    @Test
    void aFolderOfAnotherNameIsRefused() throws Exception {
        install(ONE);
        Files.move(library.resolve("model/1.0.0"), library.resolve("model/2.0.0"));

        assertThatThrownBy(() -> bundles().acquire(TWO))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("expected bundle model@2.0.0")
                .hasMessageContaining("not model@1.0.0");
    }

    @Test
    void foldersThatAreBundlesAreNamed() throws Exception {
        Path folder = install(ONE);
        BundleFolders folders = new BundleFolders(List.of(folder), List.of());

        assertThat(folders.named()).containsExactly(ONE);
        assertThat(folders.read(ONE).directory()).isEqualTo(folder);
    }

    @Test
    void manyThreadsShareOneLoad() throws Exception {
        install(ONE);
        LoadedBundles<String> bundles = bundles();
        LoadedBundles<String>.Lease kept = bundles.acquire(ONE);
        List<CompletableFuture<Void>> users = new ArrayList<>();
        for (int user = 0; user < 8; user++) {
            users.add(
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 200; i++) {
                                    try {
                                        bundles.acquire(ONE).close();
                                    } catch (BundleException e) {
                                        throw new IllegalStateException(e);
                                    }
                                }
                            }));
        }
        for (CompletableFuture<Void> user : users) {
            user.join();
        }
        assertThat(runtime.loads).hasValue(1);
        kept.close();
        assertThat(runtime.loaded).isEmpty();
    }

    @Test
    void loadsAndUnloadsOfManyThreadsDoNotOverlap() throws Exception {
        install(ONE);
        LoadedBundles<String> bundles = bundles();
        List<CompletableFuture<Void>> users = new ArrayList<>();
        for (int user = 0; user < 4; user++) {
            users.add(
                    CompletableFuture.runAsync(
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    try (LoadedBundles<String>.Lease lease = bundles.acquire(ONE)) {
                                        assertThat(runtime.loaded).contains(lease.id());
                                    } catch (BundleException e) {
                                        throw new IllegalStateException(e);
                                    }
                                }
                            }));
        }
        for (CompletableFuture<Void> user : users) {
            user.join();
        }
        assertThat(runtime.loaded).isEmpty();
    }
}
