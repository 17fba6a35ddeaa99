package dev.omniflow.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.GraphSpec;
import dev.omniflow.core.bundle.TensorSpec;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A graph in memory.
 *
 * @param spec what the bundle says of it
 * @param session ONNX Runtime's session; thread-safe
 * @param weightBytes size of its file, which is nearly all weights
 * @param outputRowShapes shapes of outputs without the batch, by batch key, learnt from the first
 *     run of each
 */
record LoadedGraph(
        GraphSpec spec,
        OrtSession session,
        long weightBytes,
        Map<Object, Map<String, long[]>> outputRowShapes)
        implements AutoCloseable {
    private static final String FLOAT = "float32";
    private static final String INT64 = "int64";

    static LoadedGraph load(
            OrtEnvironment environment, OnnxOptions options, Bundle bundle, GraphSpec spec)
            throws BundleException {
        String file = bundle.file(spec.file()).toString();
        OrtSession session;
        try (OrtSession.SessionOptions sessionOptions = new OrtSession.SessionOptions()) {
            sessionOptions.setIntraOpNumThreads(options.threadsPerCall());
            sessionOptions.setInterOpNumThreads(1);
            sessionOptions.addConfigEntry("session.intra_op.allow_spinning", "0");
            // What fails comes back as an exception too, and is reported once.
            sessionOptions.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            session = environment.createSession(file, sessionOptions);
        } catch (OrtException e) {
            throw new BundleException(
                    "ONNX Runtime cannot load graph "
                            + spec.name()
                            + " of bundle "
                            + bundle.id()
                            + ": "
                            + e.getMessage(),
                    e);
        }
        LoadedGraph loaded =
                new LoadedGraph(
                        spec,
                        session,
                        bundle.file(spec.file()).toFile().length(),
                        new ConcurrentHashMap<>());
        try {
            requireSame(
                    "inputs",
                    bundle,
                    spec,
                    describe(spec.inputs()),
                    actual(session.getInputInfo()));
            requireSame(
                    "outputs",
                    bundle,
                    spec,
                    describe(spec.outputs()),
                    actual(session.getOutputInfo()));
        } catch (BundleException | OrtException e) {
            loaded.close();
            throw e instanceof BundleException mismatch
                    ? mismatch
                    : new BundleException(
                            "ONNX Runtime cannot describe graph "
                                    + spec.name()
                                    + " of bundle "
                                    + bundle.id()
                                    + ": "
                                    + e.getMessage(),
                            e);
        }
        return loaded;
    }

    private static Map<String, String> describe(Map<String, TensorSpec> specs) {
        Map<String, String> types = new TreeMap<>();
        specs.forEach((name, spec) -> types.put(name, spec.type()));
        return types;
    }

    private static Map<String, String> actual(Map<String, NodeInfo> infos) {
        Map<String, String> types = new TreeMap<>();
        infos.forEach(
                (name, info) -> {
                    String type = info.getInfo().toString();
                    if (info.getInfo() instanceof TensorInfo tensor) {
                        type =
                                switch (tensor.type) {
                                    case FLOAT -> FLOAT;
                                    case INT64 -> INT64;
                                    default -> tensor.type.name().toLowerCase(Locale.ROOT);
                                };
                    }
                    types.put(name, type);
                });
        return types;
    }

    /**
     * Refuses a call that names what the graph does not have. Shapes are left to ONNX Runtime,
     * which names the input that does not fit.
     */
    void requireFits(GraphCall call) throws GraphException {
        CachePlan plan = call.plan();
        Set<String> given = new HashSet<>(plan.reads());
        given.addAll(call.inputs().keySet());
        plan.lengthInput().ifPresent(given::add);
        if (!given.equals(spec.inputs().keySet())) {
            throw GraphException.ofCall(
                    "graph "
                            + spec.name()
                            + " takes the inputs "
                            + new TreeSet<>(spec.inputs().keySet())
                            + ", but the call brings "
                            + new TreeSet<>(given));
        }
        for (Map.Entry<String, Tensor> input : call.inputs().entrySet()) {
            String type = input.getValue() instanceof Tensor.Longs ? INT64 : FLOAT;
            requireType("input", input.getKey(), spec.inputs().get(input.getKey()), type);
        }
        if (plan.lengthInput().isPresent()) {
            String name = plan.lengthInput().get();
            requireType("input", name, spec.inputs().get(name), INT64);
        }
        for (String name : plan.reads()) {
            requireType("input", name, spec.inputs().get(name), FLOAT);
        }
        for (String name : call.outputs()) {
            requireOutput(name);
        }
        for (String name : plan.stores().keySet()) {
            requireType("output", name, requireOutput(name), FLOAT);
        }
        for (Map.Entry<String, String> append : plan.appends().entrySet()) {
            requireType("output", append.getKey(), requireOutput(append.getKey()), FLOAT);
            requireGrows("output", append.getKey(), requireOutput(append.getKey()));
            if (plan.reads().contains(append.getValue())) {
                requireGrows("input", append.getValue(), spec.inputs().get(append.getValue()));
            }
        }
    }

    private TensorSpec requireOutput(String name) throws GraphException {
        TensorSpec output = spec.outputs().get(name);
        if (output == null) {
            throw GraphException.ofCall(
                    "graph "
                            + spec.name()
                            + " has the outputs "
                            + new TreeSet<>(spec.outputs().keySet())
                            + ", but the call wants "
                            + name);
        }
        return output;
    }

    private void requireType(String what, String name, TensorSpec described, String type)
            throws GraphException {
        if (!described.type().equals(type)) {
            throw GraphException.ofCall(
                    what
                            + " "
                            + name
                            + " of graph "
                            + spec.name()
                            + " is "
                            + described.type()
                            + ", but the call has it as "
                            + type);
        }
    }

    /** Entries grow along the third of four dimensions; the second and the fourth are fixed. */
    private void requireGrows(String what, String name, TensorSpec described)
            throws GraphException {
        List<String> shape = described.shape();
        if (shape.size() != 4 || !fixed(shape.get(1)) || !fixed(shape.get(3))) {
            throw GraphException.ofCall(
                    what
                            + " "
                            + name
                            + " of graph "
                            + spec.name()
                            + " can only be appended to as [B, heads, length, width], but it is "
                            + shape);
        }
    }

    private static boolean fixed(String dimension) {
        return dimension.chars().allMatch(Character::isDigit);
    }

    private static void requireSame(
            String what,
            Bundle bundle,
            GraphSpec spec,
            Map<String, String> described,
            Map<String, String> actual)
            throws BundleException {
        if (!described.equals(actual)) {
            throw new BundleException(
                    "graph "
                            + spec.name()
                            + " of bundle "
                            + bundle.id()
                            + " has the "
                            + what
                            + " "
                            + actual
                            + ", but its bundle.yaml says "
                            + described);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot free graph " + spec.name(), e);
        }
    }
}
