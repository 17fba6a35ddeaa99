package dev.omniflow.onnx;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.testkit.ContractModel;
import dev.omniflow.testkit.GraphRuntimeContract;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Voice activity: recurrent, with its state in its inputs and outputs. */
class SileroContractIT extends GraphRuntimeContract {
    private static final int SAMPLES = 576;
    private static final int STATE = 128;

    OnnxOptions options() {
        return OnnxOptions.defaults();
    }

    @Override
    protected final GraphRuntime newRuntime() {
        return new OnnxGraphRuntime(options());
    }

    @Override
    protected ContractModel newModel() throws Exception {
        return new Model(MadeBundles.bundle("silero-vad"));
    }

    @Override
    protected int sessions() {
        return 16;
    }

    private record Model(Bundle bundle) implements ContractModel {
        @Override
        public int steps() {
            return 20;
        }

        @Override
        public GraphCall call(
                GraphCache cache, long session, int step, Optional<GraphResult.Success> previous) {
            Tensor state =
                    previous.map(result -> result.output("next_state"))
                            .orElseGet(() -> Tensor.of(new float[2 * STATE], 1, 2, STATE));
            return GraphCall.of(
                    new GraphRef(bundle.id(), "vad"),
                    Map.of("samples", Tensor.of(sound(session, step), 1, SAMPLES), "state", state),
                    Set.of("probability", "next_state"));
        }

        /** A tone that slides, in noise; silent every seventh step. */
        private static float[] sound(long session, int step) {
            Random random = new Random(session * 1000 + step);
            float[] samples = new float[SAMPLES];
            double pitch = 0.02 + 0.01 * session + 0.001 * step;
            for (int i = 0; i < SAMPLES; i++) {
                double tone = 0.3 * Math.sin(pitch * i) + 0.05 * random.nextGaussian();
                samples[i] = step % 7 == 6 ? 0 : (float) tone;
            }
            return samples;
        }

        @Override
        public int lengthAfter(long session, int calls) {
            return 0;
        }
    }
}
