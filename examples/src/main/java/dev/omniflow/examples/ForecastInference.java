package dev.omniflow.examples;

import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.core.schedule.SchedulerOptions;
import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.onnx.OnnxGraphRuntime;
import dev.omniflow.onnx.OnnxOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Watches sensors with a bundle of kind {@code forecast}, on ONNX Runtime. */
public final class ForecastInference implements InferenceProvider<Reading, Alarm> {
    /** The bundle that lies beside the examples. */
    public static final String BUNDLE = "sensor-forecast@1.0.0";

    private static final long serialVersionUID = 1;

    private final String library;
    private final String bundle;
    private final int lanes;

    /**
     * @param library folder of bundles on the task managers
     * @param bundle name and version of the bundle
     * @param lanes batches that run at a time
     */
    public ForecastInference(String library, String bundle, int lanes) {
        this.library = Objects.requireNonNull(library, "library");
        this.bundle = BundleId.parse(bundle).toString();
        this.lanes = lanes;
    }

    @Override
    public String key() {
        return "forecast " + library + " " + bundle + " " + lanes;
    }

    @Override
    public Inference<Reading, Alarm> open() throws BundleException {
        OnnxGraphRuntime runtime = new OnnxGraphRuntime(OnnxOptions.defaults());
        try {
            BundleFolders folders = new BundleFolders(List.of(), List.of(Path.of(library)));
            LoadedBundles<ForecastModel> bundles =
                    new LoadedBundles<>(folders, runtime, ForecastModel::of);
            // Never given back: it stays loaded until the inference is closed.
            ForecastModel model = bundles.acquire(BundleId.parse(bundle)).model();
            return new Inference<>(
                    (context, snapshot, retained) ->
                            new ForecastProgram(context, model, snapshot, retained),
                    runtime,
                    Optional.of(bundles),
                    SchedulerOptions.ofLanes(lanes));
        } catch (BundleException | RuntimeException e) {
            runtime.close();
            throw e;
        }
    }
}
