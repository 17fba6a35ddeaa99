package dev.omniflow.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.GraphSpec;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A graph in memory.
 *
 * @param spec what the bundle says of it
 * @param session ONNX Runtime's session; thread-safe
 * @param outputShapes shapes of all outputs by batch key and batch size, learnt from the first run
 *     of each
 */
record LoadedGraph(
        GraphSpec spec, OrtSession session, Map<Object, Map<String, long[]>> outputShapes)
        implements AutoCloseable {

    static LoadedGraph load(
            OrtEnvironment environment, OnnxOptions options, Bundle bundle, GraphSpec spec)
            throws BundleException {
        String file = bundle.file(spec.file()).toString();
        OrtSession session;
        try (OrtSession.SessionOptions sessionOptions = new OrtSession.SessionOptions()) {
            sessionOptions.setIntraOpNumThreads(options.threadsPerCall());
            sessionOptions.setInterOpNumThreads(1);
            sessionOptions.addConfigEntry("session.intra_op.allow_spinning", "0");
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
        requireSame("inputs", bundle, spec, spec.inputs().keySet(), session.getInputNames());
        requireSame("outputs", bundle, spec, spec.outputs().keySet(), session.getOutputNames());
        return new LoadedGraph(spec, session, new ConcurrentHashMap<>());
    }

    private static void requireSame(
            String what, Bundle bundle, GraphSpec spec, Set<String> described, Set<String> actual)
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
