package dev.omniflow.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Opens sessions of ONNX Runtime on the device that the options name. Thread-safe. */
final class OnnxSessions {
    private final OrtEnvironment environment;
    private final OnnxOptions options;

    OnnxSessions(OrtEnvironment environment, OnnxOptions options) {
        this.environment = environment;
        this.options = options;
    }

    Device device() {
        return options.device();
    }

    /** A session of a graph's file. */
    OrtSession open(String file) throws OrtException {
        try (Settings settings = settings()) {
            return environment.createSession(file, settings.session());
        }
    }

    /**
     * Runs a graph of one node, so that a device that is not there is missed when the process
     * starts and not by a caller. ONNX Runtime itself never takes another device instead.
     *
     * @throws DeviceException if the device cannot run it
     */
    void requireDevice() {
        if (!(device() instanceof Device.Cuda cuda)) {
            return;
        }
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new DeviceException(
                    "expected CUDA device "
                            + cuda.index()
                            + ", but the ONNX Runtime "
                            + environment.getVersion()
                            + " on the class path is the one for processors only: build with"
                            + " -Pcuda, or take the device cpu");
        }
        try {
            requireRuns();
        } catch (OrtException e) {
            throw noDevice(cuda, e);
        }
    }

    private static DeviceException noDevice(Device.Cuda cuda, OrtException cause) {
        return new DeviceException(
                "expected CUDA device "
                        + cuda.index()
                        + ", but ONNX Runtime cannot use it: "
                        + cause.getMessage()
                        + ": install NVIDIA's driver and the CUDA and cuDNN libraries that ONNX"
                        + " Runtime asks for, name a device that nvidia-smi lists, or take the"
                        + " device cpu",
                cause);
    }

    /** Runs y = x + x on the options' device. */
    void requireRuns() throws OrtException {
        FloatBuffer in =
                ByteBuffer.allocateDirect(Float.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer()
                        .put(0, 21);
        try (Settings settings = settings();
                OrtSession session = environment.createSession(probe(), settings.session());
                OnnxTensor x = OnnxTensor.createTensor(environment, in, new long[] {1});
                OrtSession.Result result = session.run(Map.of("x", x), Set.of("y"))) {
            float y = ((OnnxTensor) result.get(0)).getFloatBuffer().get(0);
            if (y != 42) {
                throw new OrtException("21 + 21 is " + y + " on " + device());
            }
        }
    }

    /** A graph that adds x to itself. */
    static byte[] probe() {
        try (InputStream graph = OnnxSessions.class.getResourceAsStream("probe.onnx")) {
            return Objects.requireNonNull(graph, "probe.onnx").readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read probe.onnx from the class path", e);
        }
    }

    private Settings settings() throws OrtException {
        OrtSession.SessionOptions session = new OrtSession.SessionOptions();
        Optional<OrtCUDAProviderOptions> cuda = Optional.empty();
        try {
            session.setIntraOpNumThreads(options.threadsPerCall());
            session.setInterOpNumThreads(1);
            session.addConfigEntry("session.intra_op.allow_spinning", "0");
            // What fails comes back as an exception too, and is reported once.
            session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            if (device() instanceof Device.Cuda named) {
                cuda = Optional.of(new OrtCUDAProviderOptions(named.index()));
                for (Map.Entry<String, String> setting : cudaSettings(options).entrySet()) {
                    cuda.get().add(setting.getKey(), setting.getValue());
                }
                session.setDeterministicCompute(true);
                // Weights are not part of the arena, whose limit is for runs.
                session.addConfigEntry("session.use_device_allocator_for_initializers", "1");
                session.addCUDA(cuda.get());
            }
            return new Settings(session, cuda);
        } catch (OrtException | RuntimeException e) {
            session.close();
            cuda.ifPresent(OrtCUDAProviderOptions::close);
            throw e;
        }
    }

    /**
     * How the CUDA provider is to run: the same sums in the same order every time, as far as it
     * lets itself be told.
     */
    static Map<String, String> cudaSettings(OnnxOptions options) {
        Map<String, String> settings = new TreeMap<>();
        // One algorithm. A search would choose by what is quicker on the day, the heuristic by
        // shape.
        settings.put("cudnn_conv_algo_search", "DEFAULT");
        // 32 bit floats are 32 bits wide, not 19.
        settings.put("use_tf32", "0");
        // Not the next power of two: the limit and the other graphs' share are counted in bytes.
        settings.put("arena_extend_strategy", "kSameAsRequested");
        if (options.maxDeviceBytes().isPresent()) {
            settings.put("gpu_mem_limit", Long.toString(options.maxDeviceBytes().getAsLong()));
        }
        return settings;
    }

    /** Options of a session, and those of CUDA, which it refers to. */
    private record Settings(
            OrtSession.SessionOptions session, Optional<OrtCUDAProviderOptions> cuda)
            implements AutoCloseable {
        @Override
        public void close() {
            session.close();
            cuda.ifPresent(OrtCUDAProviderOptions::close);
        }
    }
}
