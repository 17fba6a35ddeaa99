package dev.omniflow.onnx;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.testkit.ContractModel;
import dev.omniflow.testkit.ExampleModel;
import dev.omniflow.testkit.GraphCacheContract;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;

class OnnxGraphRuntimeContractTest extends GraphCacheContract {
    @TempDir static Path folder;

    OnnxOptions options() {
        return OnnxOptions.defaults();
    }

    @Override
    protected final GraphRuntime newRuntime() {
        return new OnnxGraphRuntime(options());
    }

    @Override
    protected ContractModel newModel() throws Exception {
        return new ExampleModel(ExampleBundle.in(folder));
    }

    @Override
    protected GraphCall poisoned(Going session) {
        long[] unknown = new long[session.next().inputs().get("tokens").size()];
        Arrays.fill(unknown, ExampleModel.VOCABULARY);
        return ((ExampleModel) model()).step(session.cache(), unknown);
    }

    @Override
    protected int stepsToFirstAppend() {
        return 2;
    }
}
