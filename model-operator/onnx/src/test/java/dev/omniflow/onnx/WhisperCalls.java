package dev.omniflow.onnx;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Calls of a Whisper bundle: an encoder that stores the audio's keys and values, a decoder that
 * reads them and appends its own. All outputs are wanted back.
 */
final class WhisperCalls {
    static final int BUCKET = 32;

    private static final int BINS = 80;
    private static final int FRAMES_A_SECOND = 100;

    private final Bundle bundle;
    private final long startOfPrevious;
    private final long startOfTranscript;
    private final long noTimestamps;
    private final List<String> kept;
    private final CachePlan encoding;
    private final CachePlan decoding;
    private final Set<String> encoded;
    private final Set<String> decoded;

    WhisperCalls(Bundle bundle) throws BundleException {
        this.bundle = bundle;
        startOfPrevious = bundle.parameter("sotPrev").asLong();
        startOfTranscript = bundle.parameter("sot").asLong();
        noTimestamps = bundle.parameter("noTimestamps").asLong();
        encoded = bundle.graph("encoder").outputs().keySet();
        decoded = bundle.graph("decoder").outputs().keySet();
        Map<String, String> stores = new HashMap<>();
        Map<String, String> appends = new HashMap<>();
        List<String> reads = new ArrayList<>();
        for (int layer = 0; layer < bundle.parameter("layers").asInt(); layer++) {
            for (String part : List.of("k_" + layer, "v_" + layer)) {
                stores.put("cross_" + part, "cross_" + part);
                appends.put("new_" + part, "past_" + part);
                reads.add("cross_" + part);
                reads.add("past_" + part);
            }
        }
        kept = List.copyOf(reads);
        encoding = new CachePlan(List.of(), stores, Map.of(), Optional.empty(), BUCKET);
        decoding = new CachePlan(reads, Map.of(), appends, Optional.of("past_len"), BUCKET);
    }

    Bundle bundle() {
        return bundle;
    }

    /** What a cache holds: the audio's keys and values, {@code cross_…}, and {@code past_…}. */
    List<String> kept() {
        return kept;
    }

    /** The same call, with no outputs back but those named. */
    static GraphCall wanting(GraphCall call, String... outputs) {
        return new GraphCall(
                call.graph(), call.inputs(), Set.of(outputs), call.plan(), call.cache());
    }

    GraphCall encode(GraphCache cache, long session, int seconds) {
        int frames = seconds * FRAMES_A_SECOND;
        return new GraphCall(
                new GraphRef(bundle.id(), "encoder"),
                Map.of("mel", Tensor.of(mel(session, frames), 1, BINS, frames)),
                encoded,
                encoding,
                Optional.of(cache));
    }

    GraphCall decode(GraphCache cache, long[] tokens, boolean begin) {
        return new GraphCall(
                new GraphRef(bundle.id(), "decoder"),
                Map.of(
                        "tokens", Tensor.of(tokens, 1, tokens.length),
                        "begin", Tensor.of(new float[] {begin ? 1 : 0}, 1)),
                decoded,
                decoding,
                Optional.of(cache));
    }

    /** An earlier text of the session's own and what begins a transcript; at least 3 tokens. */
    long[] prompt(long session, int length) {
        Random random = new Random(session);
        long[] prompt = new long[length];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = 300L + random.nextInt(20_000);
        }
        prompt[0] = startOfPrevious;
        prompt[prompt.length - 2] = startOfTranscript;
        prompt[prompt.length - 1] = noTimestamps;
        return prompt;
    }

    /**
     * The text goes on with what the model said, and with a word of the session's own where it said
     * that the text is over.
     */
    long following(GraphResult.Success previous, long session, int step) {
        Random random = new Random(session * 1000 + step);
        long said = previous.output("token").longs()[0];
        return said < startOfTranscript - 1 ? said : 300L + random.nextInt(20_000);
    }

    /** Bands that rise and fall, in noise, within the range of a log-mel spectrogram. */
    private static float[] mel(long session, int frames) {
        Random random = new Random(session);
        float[] mel = new float[BINS * frames];
        for (int bin = 0; bin < BINS; bin++) {
            for (int frame = 0; frame < frames; frame++) {
                double wave = Math.sin(0.01 * frame * (1 + session) + 0.2 * bin);
                mel[bin * frames + frame] =
                        (float) (0.6 * wave + 0.2 * random.nextGaussian() - 0.2);
            }
        }
        return mel;
    }
}
