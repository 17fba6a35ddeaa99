package dev.omniflow.examples;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.onnx.OnnxGraphRuntime;
import dev.omniflow.onnx.OnnxOptions;
import dev.omniflow.testkit.ContractModel;
import dev.omniflow.testkit.GraphRuntimeContract;
import java.util.Optional;
import java.util.Random;

/** The bundle keeps its promise: what a session gets is the same, to the bit, in any batch. */
class SensorForecastContractTest extends GraphRuntimeContract {
    @Override
    protected GraphRuntime newRuntime() {
        return new OnnxGraphRuntime(OnnxOptions.defaults());
    }

    @Override
    protected ContractModel newModel() throws Exception {
        Bundle bundle = ExampleBundle.read();
        return new Model(bundle, ForecastModel.of(bundle));
    }

    @Override
    protected int sessions() {
        return 70;
    }

    private record Model(Bundle bundle, ForecastModel forecasts) implements ContractModel {
        @Override
        public int steps() {
            return 30;
        }

        @Override
        public GraphCall call(
                GraphCache cache, long session, int step, Optional<GraphResult.Success> previous) {
            float value = (float) (4 * new Random(session * 1000 + step).nextDouble() - 2);
            float[] network =
                    previous.map(result -> result.output("next_state").floats())
                            .orElseGet(() -> new float[forecasts.units()]);
            return forecasts.call(value, network);
        }

        @Override
        public int lengthAfter(long session, int calls) {
            return 0;
        }
    }
}
