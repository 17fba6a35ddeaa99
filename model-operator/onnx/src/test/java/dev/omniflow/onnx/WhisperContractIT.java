package dev.omniflow.onnx;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.testkit.ContractModel;
import dev.omniflow.testkit.GraphCacheContract;
import java.util.Arrays;
import java.util.Optional;

/**
 * Whisper: an encoder that stores the audio's keys and values, then a decoder that reads them and
 * appends its own. Prompts differ in length, and every session's past crosses a bucket of 32.
 */
class WhisperContractIT extends GraphCacheContract {
    OnnxOptions options() {
        return OnnxOptions.defaults();
    }

    String bundle() {
        return "whisper-tiny.en";
    }

    @Override
    protected final GraphRuntime newRuntime() {
        return new OnnxGraphRuntime(options());
    }

    @Override
    protected ContractModel newModel() throws Exception {
        return new Model(MadeBundles.bundle(bundle()));
    }

    @Override
    protected int sessions() {
        return 5;
    }

    @Override
    protected int rounds() {
        return 3;
    }

    @Override
    protected GraphCall poisoned(Going session) {
        long[] unknown = new long[session.next().inputs().get("tokens").size()];
        Arrays.fill(unknown, 1_000_000);
        return ((Model) model()).decode(session.cache(), unknown, false);
    }

    @Override
    protected int stepsToFirstAppend() {
        return 3;
    }

    private static final class Model implements ContractModel {
        private final WhisperCalls calls;

        Model(Bundle bundle) throws BundleException {
            calls = new WhisperCalls(bundle);
        }

        @Override
        public Bundle bundle() {
            return calls.bundle();
        }

        @Override
        public int steps() {
            return 14;
        }

        @Override
        public GraphCall call(
                GraphCache cache, long session, int step, Optional<GraphResult.Success> previous) {
            if (step == 0) {
                return calls.encode(cache, session, 10);
            }
            if (step == 1) {
                return calls.decode(cache, calls.prompt(session, promptLength(session)), false);
            }
            long next = calls.following(previous.orElseThrow(), session, step);
            return calls.decode(cache, new long[] {next}, step == 2);
        }

        GraphCall decode(GraphCache cache, long[] tokens, boolean begin) {
            return calls.decode(cache, tokens, begin);
        }

        private static int promptLength(long session) {
            return 23 + Math.toIntExact(session % 3) * 2;
        }

        @Override
        public int lengthAfter(long session, int calls) {
            return calls < 2 ? 0 : promptLength(session) + calls - 2;
        }
    }
}
