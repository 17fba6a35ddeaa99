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
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.RuntimeMemory;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.testkit.ExampleModel;
import dev.omniflow.testkit.FakeGraphRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
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
                long before = runtime.memory().inUse();
                for (int attempt = 0; attempt < 3; attempt++) {
                    List<GraphCall> failing = new ArrayList<>();
                    caches.forEach(cache -> failing.add(model.step(cache, 99)));
                    failure(failing.toArray(new GraphCall[0]));
                }
                // Gathering may take memory for a shape that is new; failing again takes no more.
                assertThat(runtime.memory().inUse()).isBetween(before, before * 3);
            }
            caches.forEach(GraphCache::close);
            // Nobody comes, so no run tidies up.
            assertThat(runtime.memory().inUse()).isZero();
        }
    }

    /** While others go on, runs of one call have to free the rows of earlier batches too. */
    @Test
    void freesRowsOfThoseThatAreGoneWhileOthersGoOn() throws Exception {
        ExampleModel model = loaded();
        GraphCache staying = runtime.newCache();
        runtime.run(0, List.of(model.call(staying, 9, 0, Optional.empty())));
        long before = runtime.memory().inUse();
        batchOfTwo(model).forEach(GraphCache::close);
        assertThat(runtime.memory().inUse()).as("rows of the gone").isGreaterThan(before);
        GraphCache next = runtime.newCache();
        runtime.run(0, List.of(model.call(next, 1, 0, Optional.empty())));
        next.close();
        assertThat(runtime.memory().inUse()).isEqualTo(before);
    }

    @Test
    void takesTheRowsOfALaneThatRests() throws Exception {
        ExampleModel model = loaded();
        List<GraphCache> resting = batchOfTwo(model);
        long before = runtime.memory().inUse();
        GraphCache going = runtime.newCache();
        for (int run = 0; run < LaneArena.KEPT_FOR_RUNS + 100; run++) {
            runtime.run(1, List.of(model.call(going, 9, 0, Optional.empty())));
        }
        going.close();
        long without = runtime.memory().inUse();
        assertThat(without).as("rows of lane 0 are gone").isLessThan(before);
        List<GraphCall> calls = new ArrayList<>();
        resting.forEach(cache -> calls.add(model.step(cache, 3)));
        assertThat(runtime.run(0, calls)).hasSize(2);
        assertThat(runtime.memory().inUse()).as("and are back").isGreaterThan(without);
    }

    /** Two sessions that have gone through a step together on lane 0. */
    private List<GraphCache> batchOfTwo(ExampleModel model) throws Exception {
        List<GraphCache> caches = List.of(runtime.newCache(), runtime.newCache());
        for (int step = 0; step < 3; step++) {
            List<GraphCall> calls = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                calls.add(model.call(caches.get(i), i, step, Optional.empty()));
            }
            runtime.run(0, calls);
        }
        return caches;
    }

    @Test
    void isBackWhereItWasOnceABundleIsUnloaded() throws Exception {
        assertThat(runtime.memory()).isEqualTo(new RuntimeMemory(0, 0, 0));
        ExampleModel model = loaded();
        long weights =
                Files.size(folder.resolve("remember.onnx"))
                        + Files.size(folder.resolve("step.onnx"));
        assertThat(runtime.memory()).isEqualTo(new RuntimeMemory(weights, 0, 0));
        runtime.load(model.bundle());
        assertThat(runtime.memory().weights()).isEqualTo(weights);
        batchOfTwo(model).forEach(GraphCache::close);
        assertThat(runtime.memory().inUse()).isZero();
        assertThat(runtime.memory().idle()).isPositive();
        runtime.unload(model.bundle().id());
        assertThat(runtime.memory()).isEqualTo(new RuntimeMemory(0, 0, 0));
        runtime.unload(model.bundle().id());
        assertThat(runtime.memory()).isEqualTo(new RuntimeMemory(0, 0, 0));
    }

    @Test
    void takesNothingForABundleThatItRefuses() throws Exception {
        Bundle bundle = ExampleBundle.in(folder);
        for (String graph : List.of("remember", "step")) {
            ExampleBundle.in(folder);
            Files.writeString(folder.resolve(graph + ".onnx"), "no graph");
            assertThatThrownBy(() -> runtime.load(bundle)).isInstanceOf(BundleException.class);
            assertThat(runtime.memory()).isEqualTo(new RuntimeMemory(0, 0, 0));
        }
        Bundle wrong =
                ExampleBundle.in(
                        folder, ExampleBundle.description().replace("past_len:", "length:"));
        assertThatThrownBy(() -> runtime.load(wrong)).isInstanceOf(BundleException.class);
        assertThat(runtime.memory()).isEqualTo(new RuntimeMemory(0, 0, 0));
    }

    /** Whichever allocation fails, the run fails alone and can be tried again. */
    @Test
    void leavesCachesAsTheyWereWhenMemoryRunsOut() throws Exception {
        FullMemory memory = new FullMemory();
        // Nothing is kept, so that every tensor is allocated.
        try (OnnxGraphRuntime scarce =
                new OnnxGraphRuntime(OnnxOptions.defaults(), new BufferPool(0, memory::allocate))) {
            Bundle bundle = ExampleBundle.in(folder);
            scarce.load(bundle);
            ExampleModel model = new ExampleModel(bundle);
            List<GraphCache> caches =
                    List.of(scarce.newCache(), scarce.newCache(), scarce.newCache());
            List<GraphCache> spared =
                    List.of(scarce.newCache(), scarce.newCache(), scarce.newCache());
            int failures = 0;
            // Steps 0 to 5 store, append first, append in place, and grow across a bucket.
            for (int step = 0; step < 6; step++) {
                List<GraphCall> calls = calls(model, caches, step);
                List<GraphResult.Success> expected = scarce.run(1, calls(model, spared, step));
                long inUse = scarce.memory().inUse();
                memory.heal();
                int before = memory.allocations();
                List<GraphResult.Success> results = null;
                for (int n = 0; results == null; n++) {
                    // Twice: the pool tries again once it has given up what it keeps.
                    memory.failFrom(n);
                    try {
                        results = scarce.run(0, calls);
                    } catch (GraphException full) {
                        assertThat(full.deviceLost()).isFalse();
                        assertThat(full).hasMessageContaining("no direct memory");
                        assertThat(caches.get(0).length()).isEqualTo(model.lengthAfter(0, step));
                        failures++;
                    }
                    memory.heal();
                }
                assertThat(results).isEqualTo(expected);
                assertThat(memory.allocations()).isGreaterThan(before);
                assertThat(scarce.memory().inUse()).isGreaterThanOrEqualTo(inUse);
            }
            assertThat(failures).isGreaterThan(30);
            caches.forEach(GraphCache::close);
            spared.forEach(GraphCache::close);
            assertThat(scarce.memory().inUse()).isZero();
        }
    }

    private static List<GraphCall> calls(ExampleModel model, List<GraphCache> caches, int step) {
        List<GraphCall> calls = new ArrayList<>();
        for (int i = 0; i < caches.size(); i++) {
            calls.add(model.call(caches.get(i), i, step, Optional.empty()));
        }
        return calls;
    }

    // ---- bundles come and go

    @Test
    void runsVersionsBesideEachOther(@TempDir Path newer) throws Exception {
        ExampleModel old = loaded();
        Bundle next =
                ExampleBundle.in(
                        newer, ExampleBundle.description().replace("\"1.0.0\"", "\"1.1.0\""));
        runtime.load(next);
        ExampleModel renewed = new ExampleModel(next);
        GraphCache cache = runtime.newCache();
        GraphCall call = renewed.call(cache, 1, 0, Optional.empty());
        GraphResult.Success before = runtime.run(0, List.of(call)).get(0);
        runtime.unload(old.bundle().id());
        assertThat(failure(old.call(runtime.newCache(), 1, 0, Optional.empty())))
                .hasMessageStartingWith("graph example@1.0.0/remember is not loaded; loaded are [")
                .hasMessageContaining("example@1.1.0/remember");
        assertThat(runtime.run(0, List.of(call)).get(0)).isEqualTo(before);
        assertThat(runtime.maxBatchSize(new GraphRef(next.id(), "step"))).isEqualTo(6);
    }

    /** A lane that is in the middle of a run when its bundle goes has to come to its end. */
    @Test
    void endsTheRunsUnderWayBeforeItFreesTheirGraphs(@TempDir Path newer) throws Exception {
        Bundle staying = ExampleBundle.in(folder);
        Bundle going =
                ExampleBundle.in(
                        newer, ExampleBundle.description().replace("\"1.0.0\"", "\"1.1.0\""));
        runtime.load(staying);
        Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> lanes = new ArrayList<>();
        for (Bundle bundle : List.of(staying, going)) {
            int lane = lanes.size();
            ExampleModel model = new ExampleModel(bundle);
            lanes.add(
                    new Thread(
                            () -> {
                                while (!stop.get()) {
                                    try (GraphCache cache = runtime.newCache()) {
                                        runtime.run(
                                                lane,
                                                List.of(model.call(cache, 1, 0, Optional.empty())));
                                        runtime.run(lane, List.of(model.step(cache, 1, 2, 3)));
                                    } catch (GraphException e) {
                                        if (lane == 0
                                                || !e.getMessage().contains("is not loaded")) {
                                            broken.add(e);
                                        }
                                    } catch (RuntimeException | Error e) {
                                        broken.add(e);
                                    }
                                }
                            }));
        }
        lanes.forEach(Thread::start);
        for (int round = 0; round < 100; round++) {
            runtime.load(going);
            runtime.unload(going.id());
        }
        stop.set(true);
        for (Thread lane : lanes) {
            lane.join();
        }
        assertThat(broken).isEmpty();
        runtime.unload(staying.id());
        assertThat(runtime.memory()).isEqualTo(new RuntimeMemory(0, 0, 0));
    }

    @Test
    void takesNoMoreMemoryEachTimeARunFails() throws Exception {
        ExampleModel model = loaded();
        GraphCache cache = runtime.newCache();
        runtime.run(0, List.of(model.call(cache, 1, 0, Optional.empty())));
        long before = runtime.memory().inUse();
        for (int i = 0; i < 10; i++) {
            failure(model.step(cache, 99));
            failure(model.step(cache, 1), model.step(cache, 1));
        }
        assertThat(runtime.memory().inUse()).isEqualTo(before);
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
