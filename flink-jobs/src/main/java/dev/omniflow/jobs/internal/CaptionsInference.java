package dev.omniflow.jobs.internal;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleReader;
import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.onnx.OnnxGraphRuntime;
import dev.omniflow.onnx.OnnxOptions;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.speech.captions.CaptionsOptions;
import dev.omniflow.speech.captions.CaptionsProgramFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Captions programs over ONNX Runtime. */
public final class CaptionsInference implements InferenceProvider<MediaEvent, OutputEvent> {
    private static final long serialVersionUID = 1;

    private final ArrayList<String> bundles;
    private final int lanes;
    private final int threadsPerCall;

    /**
     * Over bundles that are read where the job runs.
     *
     * @param bundles folders of bundles
     * @param lanes batches that run at a time; 0 for one for each core of the task manager
     * @param threadsPerCall threads that work on one batch
     */
    public CaptionsInference(List<String> bundles, int lanes, int threadsPerCall) {
        this.bundles = new ArrayList<>(bundles);
        this.lanes = lanes;
        this.threadsPerCall = threadsPerCall;
    }

    @Override
    public String key() {
        return "captions " + bundles + " " + lanes + " " + threadsPerCall;
    }

    @Override
    public Inference<MediaEvent, OutputEvent> open() throws BundleException {
        OnnxGraphRuntime runtime =
                new OnnxGraphRuntime(
                        new OnnxOptions(threadsPerCall, OnnxOptions.defaults().maxIdleBytes()));
        try {
            List<Bundle> loaded = new ArrayList<>();
            for (String folder : bundles) {
                Bundle bundle = BundleReader.read(Path.of(folder));
                runtime.load(bundle);
                loaded.add(bundle);
            }
            return new Inference<>(
                    new CaptionsProgramFactory(CaptionsOptions.defaults(), loaded),
                    runtime,
                    lanes == 0 ? Runtime.getRuntime().availableProcessors() : lanes);
        } catch (BundleException | RuntimeException e) {
            runtime.close();
            throw e;
        }
    }
}
