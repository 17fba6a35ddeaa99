package dev.omniflow.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.bundle.BundleReader;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.Tensor;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeGraphRuntimeTest extends GraphCacheContract {
    @TempDir static Path folder;

    @Override
    protected GraphRuntime newRuntime() {
        FakeGraphRuntime runtime = new FakeGraphRuntime();
        runtime.poison(FakeGraphRuntimeTest::hasUnknownToken);
        return runtime;
    }

    private static boolean hasUnknownToken(GraphCall call) {
        Tensor tokens = call.inputs().get("tokens");
        return tokens instanceof Tensor.Longs longs
                && longs.size() > 0
                && longs.data()[0] >= ExampleModel.VOCABULARY;
    }

    @Override
    protected ContractModel newModel() throws Exception {
        return example();
    }

    private static ExampleModel example() throws Exception {
        try (InputStream description =
                FakeGraphRuntimeTest.class.getResourceAsStream("/example-bundle/bundle.yaml")) {
            Files.write(
                    folder.resolve("bundle.yaml"),
                    Objects.requireNonNull(description).readAllBytes());
        }
        for (String graph : List.of("remember.onnx", "step.onnx")) {
            if (!Files.exists(folder.resolve(graph))) {
                Files.createFile(folder.resolve(graph));
            }
        }
        return new ExampleModel(BundleReader.read(folder));
    }

    @Override
    protected GraphCall poisoned(Going session) {
        Tensor tokens = session.next().inputs().get("tokens");
        long[] unknown = new long[tokens.size()];
        unknown[0] = ExampleModel.VOCABULARY;
        return ((ExampleModel) model()).step(session.cache(), unknown);
    }

    @Override
    protected int stepsToFirstAppend() {
        return 2;
    }

    @Test
    void recordsItsRuns() throws Exception {
        FakeGraphRuntime runtime = loaded();
        ExampleModel model = example();
        GraphCall first = model.call(runtime.newCache(), 1, 0, Optional.empty());
        GraphCall second = model.call(runtime.newCache(), 2, 0, Optional.empty());
        runtime.run(3, List.of(first, second));
        runtime.failRuns(calls -> calls.size() > 1);
        assertThatThrownBy(() -> runtime.run(1, List.of(first, second)))
                .isInstanceOf(GraphException.class);
        runtime.run(1, List.of(second));
        assertThat(runtime.runs())
                .containsExactly(
                        new FakeGraphRuntime.Run(3, List.of(first, second)),
                        new FakeGraphRuntime.Run(1, List.of(first, second)),
                        new FakeGraphRuntime.Run(1, List.of(second)));
    }

    @Test
    void losesItsDeviceUntilItIsHealed() throws Exception {
        FakeGraphRuntime runtime = loaded();
        GraphCall call = example().call(runtime.newCache(), 1, 0, Optional.empty());
        runtime.loseDevice();
        assertThatThrownBy(() -> runtime.run(0, List.of(call)))
                .isInstanceOfSatisfying(
                        GraphException.class, e -> assertThat(e.deviceLost()).isTrue());
        runtime.heal();
        assertThat(runtime.run(0, List.of(call))).hasSize(1);
    }

    @Test
    void freesACacheThatIsClosedDuringARunWhenTheRunEnds() throws Exception {
        FakeGraphRuntime runtime = loaded();
        GraphCache cache = runtime.newCache();
        GraphCall call = example().call(cache, 1, 0, Optional.empty());
        runtime.duringRun(
                () -> {
                    cache.close();
                    assertThat(runtime.openCaches()).isEqualTo(1);
                });
        assertThat(runtime.run(0, List.of(call))).hasSize(1);
        assertThat(runtime.openCaches()).isZero();
        cache.close();
        assertThat(runtime.openCaches()).isZero();
    }

    @Test
    void computesWhatATestDefines() throws Exception {
        FakeGraphRuntime runtime = loaded();
        ExampleModel model = example();
        runtime.define(
                new GraphRef(model.bundle().id(), "remember"),
                inputs ->
                        Map.of(
                                "memory", Tensor.of(new float[24], 1, 2, 4, 3),
                                "loudness", Tensor.of(inputs.get("x").floats().clone(), 4)));
        GraphCall call = model.call(runtime.newCache(), 1, 0, Optional.empty());
        assertThat(runtime.run(0, List.of(call)).get(0).output("loudness").floats())
                .isEqualTo(call.inputs().get("x").floats());
    }

    private static FakeGraphRuntime loaded() throws Exception {
        FakeGraphRuntime runtime = new FakeGraphRuntime();
        runtime.load(example().bundle());
        return runtime;
    }
}
