package dev.omniflow.app.bench.operator;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleReader;
import dev.omniflow.core.session.SessionProgramFactory;
import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.onnx.OnnxGraphRuntime;
import dev.omniflow.onnx.OnnxOptions;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;

/** The measured programs over ONNX Runtime, whose runs are counted at the desk of that name. */
final class BenchInference
        implements InferenceProvider<
                Tuple4<Integer, Long, Integer, short[]>, Tuple3<Integer, Long, String>> {
    private static final long serialVersionUID = 1;

    /** Makes the programs of a bundle where the job runs. */
    interface Programs extends Serializable {
        SessionProgramFactory<
                        Tuple4<Integer, Long, Integer, short[]>, Tuple3<Integer, Long, String>>
                of(Bundle bundle) throws BundleException;
    }

    private final String desk;
    private final String folder;
    private final Programs programs;
    private final int lanes;

    BenchInference(String desk, Path folder, Programs programs, int lanes) {
        this.desk = desk;
        this.folder = folder.toString();
        this.programs = programs;
        this.lanes = lanes;
    }

    @Override
    public String key() {
        return "bench " + desk;
    }

    @Override
    public Inference<Tuple4<Integer, Long, Integer, short[]>, Tuple3<Integer, Long, String>> open()
            throws BundleException {
        Bundle bundle = BundleReader.read(Path.of(folder));
        CountingRuntime runtime =
                new CountingRuntime(
                        new OnnxGraphRuntime(OnnxOptions.defaults()), Desk.named(desk).runs());
        try {
            runtime.load(bundle);
            return new Inference<>(programs.of(bundle), runtime, lanes);
        } catch (BundleException | RuntimeException e) {
            runtime.close();
            throw e;
        }
    }
}
