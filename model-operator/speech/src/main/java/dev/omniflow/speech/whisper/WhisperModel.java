package dev.omniflow.speech.whisper;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a Whisper bundle says of itself. Immutable and thread-safe; its tokenizer is shared by all
 * sessions.
 *
 * <p>Graph {@code encoder}: {@code mel[B,80,F]} to {@code cross_k_l, cross_v_l[B,heads,F/2,64]}.
 * Graph {@code decoder}: {@code tokens[B,S], begin[B]}, the cached keys and values and their
 * length, to {@code token[B], logprob[B], logits[B,V]}, the new keys and values, and {@code
 * alignment[B,A,S,F/2]}.
 */
public final class WhisperModel {
    /**
     * Past keys are padded to a multiple of this many positions, so that a step's shape depends on
     * it alone.
     */
    private static final int PAST_BUCKET = 32;

    private final Bundle bundle;
    private final WhisperTokenizer tokenizer;
    private final SortedMap<String, Integer> languages;
    private final int[] windowSeconds;
    private final int maxTextContext;
    private final CachePlan encoderPlan;
    private final CachePlan decoderPlan;
    private final int endOfText;
    private final int startOfTranscript;
    private final int startOfPrevious;
    private final int transcribe;
    private final int noTimestamps;
    private final int noSpeech;

    private WhisperModel(Bundle bundle, WhisperTokenizer tokenizer) throws BundleException {
        this.bundle = bundle;
        this.tokenizer = tokenizer;
        endOfText = bundle.parameter("eot").asInt();
        startOfTranscript = bundle.parameter("sot").asInt();
        startOfPrevious = bundle.parameter("sotPrev").asInt();
        transcribe = bundle.parameter("transcribe").asInt();
        noTimestamps = bundle.parameter("noTimestamps").asInt();
        noSpeech = bundle.parameter("noSpeech").asInt();
        languages = new TreeMap<>();
        bundle.parameter("languages")
                .properties()
                .forEach(entry -> languages.put(entry.getKey(), entry.getValue().asInt()));
        List<Integer> windows = new ArrayList<>();
        bundle.parameter("encoderWindowSeconds").forEach(seconds -> windows.add(seconds.asInt()));
        windowSeconds = windows.stream().mapToInt(Integer::intValue).sorted().toArray();
        maxTextContext = bundle.parameter("maxTextContext").asInt();
        int layers = bundle.parameter("layers").asInt();
        Map<String, String> cross = new HashMap<>();
        Map<String, String> past = new HashMap<>();
        List<String> reads = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (String part : List.of("k_" + layer, "v_" + layer)) {
                cross.put("cross_" + part, "cross_" + part);
                past.put("new_" + part, "past_" + part);
                reads.add("cross_" + part);
                reads.add("past_" + part);
            }
        }
        encoderPlan = new CachePlan(List.of(), cross, Map.of(), Optional.empty(), PAST_BUCKET);
        decoderPlan = new CachePlan(reads, Map.of(), past, Optional.of("past_len"), PAST_BUCKET);
    }

    /** Reads a bundle of kind {@code speech-recognition}. */
    public static WhisperModel of(Bundle bundle) throws BundleException {
        bundle.graph("encoder");
        bundle.graph("decoder");
        return new WhisperModel(bundle, WhisperTokenizer.read(bundle.file("tokenizer.json")));
    }

    public Bundle bundle() {
        return bundle;
    }

    WhisperTokenizer tokenizer() {
        return tokenizer;
    }

    GraphRef encoder() {
        return new GraphRef(bundle.id(), "encoder");
    }

    GraphRef decoder() {
        return new GraphRef(bundle.id(), "decoder");
    }

    CachePlan encoderPlan() {
        return encoderPlan;
    }

    CachePlan decoderPlan() {
        return decoderPlan;
    }

    /** Codes and tokens of the languages that it tells apart; empty for a model of English only. */
    public SortedMap<String, Integer> languages() {
        return Collections.unmodifiableSortedMap(languages);
    }

    /** Most tokens of prompt and text together. */
    int maxTextContext() {
        return maxTextContext;
    }

    /** The shortest window, in seconds, that holds so many samples; the longest if none does. */
    int windowSeconds(long samples) {
        for (int seconds : windowSeconds) {
            if (samples <= seconds * 16_000L) {
                return seconds;
            }
        }
        return windowSeconds[windowSeconds.length - 1];
    }

    int endOfText() {
        return endOfText;
    }

    int startOfTranscript() {
        return startOfTranscript;
    }

    int startOfPrevious() {
        return startOfPrevious;
    }

    int transcribe() {
        return transcribe;
    }

    int noTimestamps() {
        return noTimestamps;
    }

    int noSpeech() {
        return noSpeech;
    }
}
