package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.testkit.ExampleModel;
import dev.omniflow.testkit.FakeGraphRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxGraphRuntimeTest {
    @TempDir private Path folder;

    private final OnnxGraphRuntime runtime = new OnnxGraphRuntime(OnnxOptions.defaults());

    @AfterEach
    void close() {
        runtime.close();
    }

    // ---- loading

    @Test
    void refusesABundleWhoseDescriptionDoesNotFitItsGraph() throws Exception {
        String good = ExampleBundle.description();
        assertNotLoaded(
                good.replace("past_len:", "length:"),
                "graph step of bundle example@1.0.0 has the inputs {gain=float32, memory=float32, past=float32,"
                        + " past_len=int64, tokens=int64}, but its bundle.yaml says"
                        + " {gain=float32, length=int64, memory=float32, past=float32, tokens=int64}");
        assertNotLoaded(
                good.replace("mark: {\"type\": \"int64\"", "mark: {\"type\": \"float32\""),
                "graph step of bundle example@1.0.0 has the outputs {mark=int64, new=float32,"
                        + " y=float32}, but its bundle.yaml says {mark=float32, new=float32,"
                        + " y=float32}");
    }

    @Test
    void refusesAFileThatIsNoGraph() throws Exception {
        Bundle bundle = ExampleBundle.in(folder);
        Files.writeString(folder.resolve("remember.onnx"), "no graph");
        assertThatThrownBy(() -> runtime.load(bundle))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(
                        "ONNX Runtime cannot load graph remember of bundle example@1.0.0: ");
        Files.delete(folder.resolve("remember.onnx"));
        assertThatThrownBy(() -> runtime.load(bundle))
                .isInstanceOf(BundleException.class)
                .hasMessage("bundle example@1.0.0 lacks its file remember.onnx: make it again");
    }

    /** One graph of it is good: had it stayed, a mended bundle would run half of the broken one. */
    @Test
    void loadsAllOfABundleOrNothing() throws Exception {
        for (String graph : List.of("remember", "step")) {
            Bundle bundle = ExampleBundle.in(folder);
            Files.writeString(folder.resolve(graph + ".onnx"), "no graph");
            assertThatThrownBy(() -> runtime.load(bundle)).isInstanceOf(BundleException.class);
            for (String name : List.of("remember", "step")) {
                assertThatThrownBy(() -> runtime.maxBatchSize(new GraphRef(bundle.id(), name)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageEndingWith("is not loaded; loaded are []");
            }
        }
        Bundle mended = ExampleBundle.in(folder);
        runtime.load(mended);
        assertThat(runtime.maxBatchSize(new GraphRef(mended.id(), "step"))).isEqualTo(6);
    }

    @Test
    void runsNothingOnceClosed() throws Exception {
        ExampleModel model = loaded();
        GraphCall call = model.call(runtime.newCache(), 1, 0, Optional.empty());
        runtime.close();
        runtime.close();
        assertThat(failure(call)).hasMessageEndingWith("is not loaded; loaded are []");
    }

    // ---- calls that cannot be run

    @Test
    void saysWhichCallHasToComeFirst() throws Exception {
        ExampleModel model = loaded();
        GraphCache cache = runtime.newCache();
        assertThat(failure(model.step(cache, 1)))
                .hasMessage(
                        "the cache lacks 'memory', which graph step reads: the call that stores it"
                                + " has to come first");
        runtime.run(0, List.of(model.call(cache, 1, 0, Optional.empty())));
        runtime.run(0, List.of(model.step(cache, 1)));
        assertThat(cache.length()).isEqualTo(1);
    }

    @Test
    void refusesACacheOfAnotherRuntime() throws Exception {
        ExampleModel model = loaded();
        GraphCache foreign = new FakeGraphRuntime().newCache();
        assertThat(failure(model.call(foreign, 1, 0, Optional.empty())))
                .hasMessageContaining("the call's cache was not made by this runtime");
    }

    @Test
    void refusesAPlanThatTheGraphCannotKeep() throws Exception {
        ExampleModel model = loaded();
        assertThat(failure(planned(model, Map.of("mark", "mark"), Map.of(), "past_len")))
                .hasMessage("output mark of graph step is int64, but the call has it as float32");
        assertThat(failure(planned(model, Map.of("none", "none"), Map.of(), "past_len")))
                .hasMessageContaining("but the call wants none");
        assertThat(failure(planned(model, Map.of(), Map.of("y", "past"), "past_len")))
                .hasMessageContaining(
                        "output y of graph step can only be appended to as [B, heads, length,"
                                + " width]");
        assertThat(failure(planned(model, Map.of(), Map.of("new", "past"), "length")))
                .hasMessageContaining("but the call brings [gain, length, memory, past, tokens]");
    }

    private GraphCall planned(
            ExampleModel model,
            Map<String, String> stores,
            Map<String, String> appends,
            String lengthInput) {
        return new GraphCall(
                new GraphRef(model.bundle().id(), "step"),
                Map.of(
                        "tokens", Tensor.of(new long[] {1}, 1, 1),
                        "gain", Tensor.of(new float[] {1}, 1)),
                Set.of("y"),
                new CachePlan(
                        List.of("memory", "past"), stores, appends, Optional.of(lengthInput), 8),
                Optional.of(runtime.newCache()));
    }

    // ---- memory

    @Test
    void freesAllThatSessionsUsed() throws Exception {
        ExampleModel model = loaded();
        for (int round = 0; round < 3; round++) {
            List<GraphCache> caches = new ArrayList<>();
            List<GraphCall> openings = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                GraphCache cache = runtime.newCache();
                caches.add(cache);
                openings.add(model.call(cache, i, 0, Optional.empty()));
            }
            runtime.run(0, openings);
            for (int step = 1; step < model.steps(); step++) {
                List<GraphCall> calls = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    calls.add(model.call(caches.get(i), i, step, Optional.empty()));
                }
                runtime.run(0, calls);
                long before = runtime.bytesInUse();
                for (int attempt = 0; attempt < 3; attempt++) {
                    List<GraphCall> failing = new ArrayList<>();
                    caches.forEach(cache -> failing.add(model.step(cache, 99)));
                    failure(failing.toArray(new GraphCall[0]));
                }
                // Gathering may take memory for a shape that is new; failing again takes no more.
                assertThat(runtime.bytesInUse()).isBetween(before, before * 3);
            }
            caches.forEach(GraphCache::close);
            // Runs of one call have to free the rows of earlier batches too.
            GraphCache last = runtime.newCache();
            runtime.run(0, List.of(model.call(last, 9, 0, Optional.empty())));
            last.close();
            assertThat(runtime.bytesInUse()).isZero();
        }
    }

    @Test
    void takesNoMoreMemoryEachTimeARunFails() throws Exception {
        ExampleModel model = loaded();
        GraphCache cache = runtime.newCache();
        runtime.run(0, List.of(model.call(cache, 1, 0, Optional.empty())));
        long before = runtime.bytesInUse();
        for (int i = 0; i < 10; i++) {
            failure(model.step(cache, 99));
            failure(model.step(cache, 1), model.step(cache, 1));
        }
        assertThat(runtime.bytesInUse()).isEqualTo(before);
    }

    private ExampleModel loaded() throws Exception {
        Bundle bundle = ExampleBundle.in(folder);
        runtime.load(bundle);
        return new ExampleModel(bundle);
    }

    private GraphException failure(GraphCall... calls) {
        GraphException failure =
                catchThrowableOfType(GraphException.class, () -> runtime.run(0, List.of(calls)));
        assertThat(failure).isNotNull();
        assertThat(failure.deviceLost()).isFalse();
        return failure;
    }

    private void assertNotLoaded(String description, String message) throws Exception {
        Bundle bundle = ExampleBundle.in(folder, description);
        assertThatThrownBy(() -> runtime.load(bundle))
                .isInstanceOf(BundleException.class)
                .hasMessage(message);
    }
}
