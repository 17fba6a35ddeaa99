package dev.omniflow.jobs.internal;

import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.core.schedule.SchedulerOptions;
import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.onnx.Device;
import dev.omniflow.onnx.OnnxGraphRuntime;
import dev.omniflow.onnx.OnnxOptions;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.speech.captions.CaptionsOptions;
import dev.omniflow.speech.captions.CaptionsProgramFactory;
import dev.omniflow.speech.captions.SpeechModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/** Captions programs over ONNX Runtime, as the job's options say. */
public final class CaptionsInference implements InferenceProvider<MediaEvent, OutputEvent> {
    private static final long serialVersionUID = 1;

    /** Options that say what is loaded and how it runs; equal ones share an inference. */
    private static final List<ConfigOption<?>> OPTIONS =
            List.of(
                    CaptionsJobOptions.BUNDLES,
                    CaptionsJobOptions.BUNDLE_LIBRARIES,
                    CaptionsJobOptions.ROLLOUTS,
                    CaptionsJobOptions.DEVICE,
                    CaptionsJobOptions.MAX_DEVICE_MEMORY,
                    CaptionsJobOptions.LANES,
                    CaptionsJobOptions.THREADS_PER_CALL,
                    CaptionsJobOptions.KEEP_FOR,
                    CaptionsJobOptions.SEATS,
                    CaptionsJobOptions.MAX_BATCH_SIZE,
                    CaptionsJobOptions.MAX_QUEUE_DELAY);

    private final Configuration options = new Configuration();

    /**
     * Over bundles that are read where the job runs.
     *
     * @throws IllegalArgumentException if the options name no device
     */
    public CaptionsInference(ReadableConfig jobOptions) {
        OPTIONS.forEach(option -> copy(option, jobOptions));
        // Said where the job is defined, not where it has been deployed.
        onnxOptions();
    }

    private <T> void copy(ConfigOption<T> option, ReadableConfig from) {
        options.set(option, from.get(option));
    }

    @Override
    public String key() {
        return "captions " + options.toMap();
    }

    @Override
    public Duration keepFor() {
        return options.get(CaptionsJobOptions.KEEP_FOR);
    }

    private Executor later() {
        return keepFor().isZero()
                ? Runnable::run
                : CompletableFuture.delayedExecutor(keepFor().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public Inference<MediaEvent, OutputEvent> open() throws BundleException {
        OnnxGraphRuntime runtime = new OnnxGraphRuntime(onnxOptions());
        try {
            BundleFolders folders =
                    new BundleFolders(
                            paths(CaptionsJobOptions.BUNDLES),
                            paths(CaptionsJobOptions.BUNDLE_LIBRARIES));
            LoadedBundles<SpeechModel> bundles =
                    new LoadedBundles<>(folders, runtime, SpeechModel::of, later());
            if (!options.get(CaptionsJobOptions.ROLLOUTS)) {
                // Nobody else keeps them in service. Until the process gives the inference up.
                for (BundleId named : folders.named()) {
                    bundles.acquire(named);
                }
            }
            return new Inference<>(
                    new CaptionsProgramFactory(CaptionsOptions.defaults(), bundles),
                    runtime,
                    Optional.of(bundles),
                    schedulerOptions());
        } catch (BundleException | RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    private OnnxOptions onnxOptions() {
        OnnxOptions named =
                OnnxOptions.defaults()
                        .withThreadsPerCall(options.get(CaptionsJobOptions.THREADS_PER_CALL));
        try {
            OnnxOptions placed =
                    named.withDevice(Device.parse(options.get(CaptionsJobOptions.DEVICE)));
            long limit = options.get(CaptionsJobOptions.MAX_DEVICE_MEMORY).getBytes();
            return limit == 0 ? placed : placed.withMaxDeviceBytes(limit);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    CaptionsJobOptions.DEVICE.key()
                            + " or "
                            + CaptionsJobOptions.MAX_DEVICE_MEMORY.key()
                            + " is wrong: "
                            + e.getMessage(),
                    e);
        }
    }

    private SchedulerOptions schedulerOptions() {
        int lanes = options.get(CaptionsJobOptions.LANES);
        int maxBatchSize = options.get(CaptionsJobOptions.MAX_BATCH_SIZE);
        Duration maxQueueDelay = options.get(CaptionsJobOptions.MAX_QUEUE_DELAY);
        return SchedulerOptions.ofLanes(
                        lanes == 0 ? Runtime.getRuntime().availableProcessors() : lanes)
                .withSeats(options.get(CaptionsJobOptions.SEATS))
                .withMaxBatchSize(maxBatchSize == 0 ? Integer.MAX_VALUE : maxBatchSize)
                .withMaxQueueDelay(maxQueueDelay);
    }

    private List<Path> paths(ConfigOption<List<String>> option) {
        return options.get(option).stream().map(Path::of).toList();
    }
}
