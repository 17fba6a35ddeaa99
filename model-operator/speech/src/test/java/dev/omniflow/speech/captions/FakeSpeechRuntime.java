package dev.omniflow.speech.captions;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.bundle.BundleReader;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.core.graph.RuntimeMemory;
import dev.omniflow.core.graph.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * Graphs of the shapes of Silero and Whisper that compute something simple: loud chunks are speech,
 * and the words of an utterance are a function of all its audio, so whoever cuts it differently
 * reads other words.
 */
final class FakeSpeechRuntime implements GraphRuntime {
    static final String VOICE = "fake-vad@1.0.0";
    static final String WHISPER = "fake-whisper@1.0.0";

    private static final String[] WORDS = {
        "<unk>", " one", " two", " three", " four", " five", " six", " seven", " eight", " nine",
        " ten"
    };
    private static final int END_OF_TEXT = 11;
    private static final int ENGLISH = 17;
    private static final int FRENCH = 18;
    private static final int VOCABULARY = 19;

    private final Predicate<GraphCall> fails;
    private int openCaches;

    FakeSpeechRuntime() {
        this(call -> false);
    }

    /**
     * @param fails which calls fail, each time
     */
    FakeSpeechRuntime(Predicate<GraphCall> fails) {
        this.fails = fails;
    }

    /** A factory of captions programs over the two fake bundles, which it writes to that folder. */
    static CaptionsProgramFactory programs(Path folder) {
        return programs(folder, true);
    }

    /** The same, with or without the recogniser. */
    static CaptionsProgramFactory programs(Path folder, boolean recogniser) {
        try {
            List<Path> folders = new ArrayList<>(List.of(voiceBundle(folder).directory()));
            if (recogniser) {
                folders.add(whisperBundle(folder).directory());
            }
            return new CaptionsProgramFactory(
                    CaptionsOptions.defaults(),
                    new LoadedBundles<>(
                            new BundleFolders(folders, List.of()),
                            new FakeSpeechRuntime(),
                            SpeechModel::of));
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Bundle voiceBundle(Path folder) throws IOException, BundleException {
        Path directory = Files.createDirectories(folder.resolve("vad"));
        Files.writeString(directory.resolve("vad.onnx"), "");
        Files.writeString(
                directory.resolve("bundle.yaml"),
                """
                schema: 1
                name: fake-vad
                version: 1.0.0
                kind: voice-activity
                graphs:
                  vad: {file: vad.onnx, maxBatchSize: 4, inputs: {}, outputs: {}}
                """);
        return BundleReader.read(directory);
    }

    private static Bundle whisperBundle(Path folder) throws IOException, BundleException {
        Path directory = Files.createDirectories(folder.resolve("whisper"));
        Files.writeString(directory.resolve("graph.onnx"), "");
        Files.writeString(
                directory.resolve("bundle.yaml"),
                """
                schema: 1
                name: fake-whisper
                version: 1.0.0
                kind: speech-recognition
                graphs:
                  encoder: {file: graph.onnx, maxBatchSize: 4, inputs: {}, outputs: {}}
                  decoder: {file: graph.onnx, maxBatchSize: 4, inputs: {}, outputs: {}}
                parameters:
                  {eot: 11, sot: 12, sotPrev: 13, transcribe: 14, noTimestamps: 15, noSpeech: 16,
                   languages: {en: 17, fr: 18}, encoderWindowSeconds: [5, 10, 30],
                   maxTextContext: 448, layers: 1}
                """);
        StringBuilder vocabulary = new StringBuilder();
        for (int token = 0; token < VOCABULARY; token++) {
            String text = token < WORDS.length ? WORDS[token] : "<" + token + ">";
            vocabulary.append(token == 0 ? "" : ", ").append('"').append(text).append("\": ");
            vocabulary.append(token);
        }
        Files.writeString(
                directory.resolve("tokenizer.json"),
                """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
                 "normalizer": null, "pre_tokenizer": null, "post_processor": null,
                 "decoder": {"type": "Fuse"},
                 "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {%s}}}
                """
                        .formatted(vocabulary));
        return BundleReader.read(directory);
    }

    /** Caches that nobody closed. */
    int openCaches() {
        return openCaches;
    }

    private final class Cache implements GraphCache {
        private int hash;
        private int steps;
        private int stride;
        private boolean closed;

        private Cache() {
            openCaches++;
        }

        @Override
        public int length() {
            return steps;
        }

        @Override
        public OptionalInt home() {
            return OptionalInt.empty();
        }

        @Override
        public Object shapeKey(int bucket) {
            return stride;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                openCaches--;
            }
        }
    }

    @Override
    public void load(Bundle bundle) {}

    @Override
    public void unload(BundleId bundle) {}

    @Override
    public RuntimeMemory memory() {
        return new RuntimeMemory(0, 0, 0);
    }

    @Override
    public int maxBatchSize(GraphRef graph) {
        return 4;
    }

    @Override
    public GraphCache newCache() {
        return new Cache();
    }

    @Override
    public List<GraphResult.Success> run(int lane, List<GraphCall> calls) throws GraphException {
        List<GraphResult.Success> results = new ArrayList<>();
        for (GraphCall call : calls) {
            if (fails.test(call)) {
                throw GraphException.ofCall("it does not like this input", null);
            }
            results.add(new GraphResult.Success(run(call)));
        }
        return results;
    }

    private static Map<String, Tensor> run(GraphCall call) {
        return switch (call.graph().graph()) {
            case "vad" -> voiceActivity(call);
            case "encoder" -> encode(call);
            default -> decode(call);
        };
    }

    private static Map<String, Tensor> voiceActivity(GraphCall call) {
        float[] samples = call.inputs().get("samples").floats();
        float[] state = call.inputs().get("state").floats();
        double loudness = 0;
        for (int i = 64; i < samples.length; i++) {
            loudness += Math.abs(samples[i]) / (samples.length - 64);
        }
        float[] next = state.clone();
        next[0] += 1;
        next[1] = (float) loudness;
        return Map.of(
                "probability",
                Tensor.of(new float[] {loudness > 0.05 ? 0.9f : loudness > 0.03 ? 0.4f : 0.02f}, 1),
                "next_state",
                Tensor.of(next, 1, 2, 128));
    }

    private static Map<String, Tensor> encode(GraphCall call) {
        Cache cache = (Cache) call.cache().orElseThrow();
        Tensor mel = call.inputs().get("mel");
        cache.hash = Arrays.hashCode(mel.floats()) * 31 + 7;
        cache.stride = (int) mel.shape()[2] / 2;
        return Map.of();
    }

    private static Map<String, Tensor> decode(GraphCall call) {
        Cache cache = (Cache) call.cache().orElseThrow();
        int positions = (int) call.inputs().get("tokens").shape()[1];
        Map<String, Tensor> outputs = new HashMap<>();
        if (call.outputs().contains("logits")) {
            float[] logits = new float[VOCABULARY];
            logits[ENGLISH] = 5 + (cache.hash & 3);
            logits[FRENCH] = 6;
            outputs.put("logits", Tensor.of(logits, 1, VOCABULARY));
            return outputs;
        }
        int step = cache.steps++;
        int length = 2 + Math.floorMod(cache.hash, 5);
        int token = step < length ? 1 + Math.floorMod(cache.hash >> (step + 3), 10) : END_OF_TEXT;
        float[] alignment = new float[positions * cache.stride];
        for (int position = 0; position < positions; position++) {
            for (int frame = 0; frame < cache.stride; frame++) {
                alignment[position * cache.stride + frame] = frame / 10 == step ? 1 : 0.01f;
            }
        }
        outputs.put("token", Tensor.of(new long[] {token}, 1));
        outputs.put("logprob", Tensor.of(new float[] {-0.1f * (1 + step)}, 1));
        outputs.put("alignment", Tensor.of(alignment, 1, 1, positions, cache.stride));
        return outputs;
    }

    @Override
    public void close() {}
}
