package dev.omniflow.examples;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.onnx.OnnxGraphRuntime;
import dev.omniflow.onnx.OnnxOptions;
import java.nio.file.Path;
import java.util.List;

/** The bundle of this module, with its files verified. */
final class ExampleBundle {
    /** Tests run in the module's folder. */
    static final String LIBRARY = "bundles";

    private ExampleBundle() {}

    static Bundle read() throws BundleException {
        return new BundleFolders(List.of(), List.of(Path.of(LIBRARY)))
                .read(BundleId.parse(ForecastInference.BUNDLE));
    }

    /** A runtime that has it loaded. */
    static GraphRuntime runtime() throws BundleException {
        GraphRuntime runtime = new OnnxGraphRuntime(OnnxOptions.defaults());
        runtime.load(read());
        return runtime;
    }
}
