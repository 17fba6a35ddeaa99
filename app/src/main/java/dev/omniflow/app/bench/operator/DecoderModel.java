package dev.omniflow.app.bench.operator;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.speech.features.LogMel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The calls of a Whisper bundle, as its recogniser makes them: the encoder over the shortest
 * window, the start of transcript, the task, then token after token. Immutable and thread-safe.
 */
final class DecoderModel {
    /** Past keys are padded to a multiple of this many positions, as the recogniser has it. */
    static final int PAST_BUCKET = 32;

    /** What a step gives back besides new keys and values. */
    static final Set<String> STEP_OUTPUTS = Set.of("token", "logprob", "alignment");

    private final Bundle bundle;
    private final int layers;
    private final int heads;
    private final int headWidth;
    private final int alignmentHeads;
    private final int frames;
    private final long startOfTranscript;
    private final long[] task;
    private final CachePlan encoderPlan;
    private final CachePlan decoderPlan;
    private final List<float[]> mels = new ArrayList<>();

    DecoderModel(Bundle bundle) throws BundleException {
        this.bundle = bundle;
        layers = bundle.parameter("layers").asInt();
        heads = bundle.parameter("heads").asInt();
        headWidth = bundle.parameter("headDim").asInt();
        alignmentHeads = bundle.parameter("alignmentHeads").size();
        int seconds = bundle.parameter("encoderWindowSeconds").get(0).asInt();
        frames = seconds * LogMel.SAMPLE_RATE / LogMel.HOP;
        startOfTranscript = bundle.parameter("sot").asLong();
        long noTimestamps = bundle.parameter("noTimestamps").asLong();
        task =
                bundle.parameter("languages").isEmpty()
                        ? new long[] {noTimestamps}
                        : new long[] {
                            bundle.parameter("languages").get("en").asLong(),
                            bundle.parameter("transcribe").asLong(),
                            noTimestamps
                        };
        Map<String, String> cross = new HashMap<>();
        Map<String, String> past = new HashMap<>();
        List<String> reads = new ArrayList<>();
        for (String part : parts()) {
            cross.put("cross_" + part, "cross_" + part);
            past.put("new_" + part, "past_" + part);
            reads.add("cross_" + part);
            reads.add("past_" + part);
        }
        encoderPlan = new CachePlan(List.of(), cross, Map.of(), Optional.empty(), PAST_BUCKET);
        decoderPlan = new CachePlan(reads, Map.of(), past, Optional.of("past_len"), PAST_BUCKET);
        LogMel logMel = new LogMel();
        for (int sound = 0; sound < Sound.COUNT; sound++) {
            float[] samples = Sound.floats(Sound.pcm(sound, (seconds - 1) * LogMel.SAMPLE_RATE));
            mels.add(logMel.compute(samples, frames));
        }
    }

    Bundle bundle() {
        return bundle;
    }

    /** Names of keys and values, without what says of what: {@code k_0, v_0, k_1…}. */
    List<String> parts() {
        List<String> parts = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            parts.add("k_" + layer);
            parts.add("v_" + layer);
        }
        return parts;
    }

    int heads() {
        return heads;
    }

    int headWidth() {
        return headWidth;
    }

    int alignmentHeads() {
        return alignmentHeads;
    }

    /** Frames that the encoder reads, each 10 ms. */
    int frames() {
        return frames;
    }

    /** Frames that the decoder reads. */
    int crossFrames() {
        return frames / 2;
    }

    /** Features of a session's sound. */
    float[] mel(int session) {
        return mels.get(session % Sound.COUNT);
    }

    /** What the first call to the decoder reads. */
    long[] listen() {
        return new long[] {startOfTranscript};
    }

    /** What the second reads. */
    long[] task() {
        return task.clone();
    }

    GraphCall encode(int session, GraphCache cache) {
        return new GraphCall(
                new GraphRef(bundle.id(), "encoder"),
                Map.of("mel", Tensor.of(mel(session), 1, LogMel.BANDS, frames)),
                Set.of(),
                encoderPlan,
                Optional.of(cache));
    }

    GraphCall decode(long[] tokens, boolean begin, Set<String> outputs, GraphCache cache) {
        return new GraphCall(
                new GraphRef(bundle.id(), "decoder"),
                Map.of(
                        "tokens",
                        Tensor.of(tokens, 1, tokens.length),
                        "begin",
                        Tensor.of(new float[] {begin ? 1 : 0}, 1)),
                outputs,
                decoderPlan,
                Optional.of(cache));
    }
}
