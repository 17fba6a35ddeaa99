package dev.omniflow.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
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
import java.util.function.LongConsumer;

/**
 * A graph in memory. It stays there until it is unloaded and the last run of it has ended.
 *
 * <p>Thread-safe.
 */
final class LoadedGraph {
    private static final String FLOAT = "float32";
    private static final String INT64 = "int64";

    private final GraphSpec spec;
    private final OrtSession session;
    private final long weightBytes;
    private final OutputShapes outputRowShapes = new OutputShapes();
    private final LongConsumer onFree;

    /** Runs under way, and one more until it is unloaded; at 0 it is freed. */
    private int users = 1;

    private boolean unloaded;

    private LoadedGraph(GraphSpec spec, OrtSession session, long weightBytes, LongConsumer onFree) {
        this.spec = spec;
        this.session = session;
        this.weightBytes = weightBytes;
        this.onFree = onFree;
    }

    /** What the bundle says of it. */
    GraphSpec spec() {
        return spec;
    }

    /** ONNX Runtime's session, for who {@linkplain #tryUse uses} it. */
    OrtSession session() {
        return session;
    }

    /** Size of its file, which is nearly all weights. */
    long weightBytes() {
        return weightBytes;
    }

    /** What its runs taught of its outputs. */
    OutputShapes outputRowShapes() {
        return outputRowShapes;
    }

    /** Begins a run, which {@link #endUse} ends; false if it is unloaded. */
    synchronized boolean tryUse() {
        if (unloaded) {
            return false;
        }
        users++;
        return true;
    }

    void endUse() {
        leave();
    }

    /** Lets no further run begin, and frees it once none is under way. Safe to call twice. */
    void unload() {
        synchronized (this) {
            if (unloaded) {
                return;
            }
            unloaded = true;
        }
        leave();
    }

    private void leave() {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        try {
            free(session, spec);
        } finally {
            onFree.accept(weightBytes);
        }
    }

    /**
     * Loads a graph.
     *
     * @param onFree told the graph's {@link #weightBytes} when it is freed
     */
    static LoadedGraph load(
            OnnxSessions sessions, Bundle bundle, GraphSpec spec, LongConsumer onFree)
            throws BundleException {
        String file = bundle.file(spec.file()).toString();
        OrtSession session;
        try {
            session = sessions.open(file);
        } catch (OrtException e) {
            throw new BundleException(
                    "ONNX Runtime cannot load graph "
                            + spec.name()
                            + " of bundle "
                            + bundle.id()
                            + (sessions.device() instanceof Device.Cpu
                                    ? ""
                                    : " on " + sessions.device())
                            + ": "
                            + e.getMessage(),
                    e);
        }
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
            free(session, spec);
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
        return new LoadedGraph(spec, session, bundle.file(spec.file()).toFile().length(), onFree);
    }

    private static void free(OrtSession session, GraphSpec spec) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot free graph " + spec.name(), e);
        }
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
}
