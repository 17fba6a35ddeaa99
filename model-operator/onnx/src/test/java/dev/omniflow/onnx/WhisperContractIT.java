package dev.omniflow.onnx;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.testkit.ContractModel;
import dev.omniflow.testkit.GraphCacheContract;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Whisper: an encoder that stores the audio's keys and values, then a decoder that reads them and
 * appends its own. Prompts differ in length, and every session's past crosses a bucket of 32.
 */
class WhisperContractIT extends GraphCacheContract {
    @Override
    protected GraphRuntime newRuntime() {
        return new OnnxGraphRuntime(OnnxOptions.defaults());
    }

    @Override
    protected ContractModel newModel() throws Exception {
        return new Model(MadeBundles.bundle("whisper-tiny.en"));
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
        private static final int BUCKET = 32;
        private static final int BINS = 80;
        private static final int FRAMES = 1000;

        private final Bundle bundle;
        private final long startOfPrevious;
        private final long startOfTranscript;
        private final long noTimestamps;
        private final int layers;
        private final CachePlan encoding;
        private final CachePlan decoding;

        Model(Bundle bundle) throws BundleException {
            this.bundle = bundle;
            startOfPrevious = bundle.parameter("sotPrev").asLong();
            startOfTranscript = bundle.parameter("sot").asLong();
            noTimestamps = bundle.parameter("noTimestamps").asLong();
            Map<String, String> stores = new HashMap<>();
            Map<String, String> appends = new HashMap<>();
            List<String> reads = new ArrayList<>();
            layers = bundle.parameter("layers").asInt();
            for (int layer = 0; layer < layers; layer++) {
                for (String part : List.of("k_" + layer, "v_" + layer)) {
                    stores.put("cross_" + part, "cross_" + part);
                    appends.put("new_" + part, "past_" + part);
                    reads.add("cross_" + part);
                    reads.add("past_" + part);
                }
            }
            encoding = new CachePlan(List.of(), stores, Map.of(), Optional.empty(), BUCKET);
            decoding = new CachePlan(reads, Map.of(), appends, Optional.of("past_len"), BUCKET);
        }

        @Override
        public Bundle bundle() {
            return bundle;
        }

        @Override
        public int steps() {
            return 14;
        }

        @Override
        public GraphCall call(
                GraphCache cache, long session, int step, Optional<GraphResult.Success> previous) {
            if (step == 0) {
                return new GraphCall(
                        new GraphRef(bundle.id(), "encoder"),
                        Map.of("mel", Tensor.of(mel(session), 1, BINS, FRAMES)),
                        Set.of("cross_k_0", "cross_v_" + (layers - 1)),
                        encoding,
                        Optional.of(cache));
            }
            if (step == 1) {
                return decode(cache, prompt(session), false);
            }
            // The text goes on with what the model said, and with a word of the session's own
            // where it said that the text is over.
            Random random = new Random(session * 1000 + step);
            long said = previous.orElseThrow().output("token").longs()[0];
            long next = said < startOfTranscript - 1 ? said : 300L + random.nextInt(20_000);
            return decode(cache, new long[] {next}, step == 2);
        }

        GraphCall decode(GraphCache cache, long[] tokens, boolean begin) {
            return new GraphCall(
                    new GraphRef(bundle.id(), "decoder"),
                    Map.of(
                            "tokens", Tensor.of(tokens, 1, tokens.length),
                            "begin", Tensor.of(new float[] {begin ? 1 : 0}, 1)),
                    Set.of("token", "logprob", "logits", "alignment"),
                    decoding,
                    Optional.of(cache));
        }

        private static int promptLength(long session) {
            return 23 + Math.toIntExact(session % 3) * 2;
        }

        private long[] prompt(long session) {
            Random random = new Random(session);
            long[] prompt = new long[promptLength(session)];
            for (int i = 0; i < prompt.length; i++) {
                prompt[i] = 300L + random.nextInt(20_000);
            }
            prompt[0] = startOfPrevious;
            prompt[prompt.length - 2] = startOfTranscript;
            prompt[prompt.length - 1] = noTimestamps;
            return prompt;
        }

        /** Bands that rise and fall, in noise, within the range of a log-mel spectrogram. */
        private static float[] mel(long session) {
            Random random = new Random(session);
            float[] mel = new float[BINS * FRAMES];
            for (int bin = 0; bin < BINS; bin++) {
                for (int frame = 0; frame < FRAMES; frame++) {
                    double wave = Math.sin(0.01 * frame * (1 + session) + 0.2 * bin);
                    mel[bin * FRAMES + frame] =
                            (float) (0.6 * wave + 0.2 * random.nextGaussian() - 0.2);
                }
            }
            return mel;
        }

        @Override
        public int lengthAfter(long session, int calls) {
            return calls < 2 ? 0 : promptLength(session) + calls - 2;
        }
    }
}
