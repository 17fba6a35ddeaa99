package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.omniflow.core.bundle.BundleException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The Whisper decoder in plain ONNX Runtime. */
final class BareDecoder implements BareGraph {
    private final DecoderModel model;
    private final List<String> parts;
    private final OrtSession session;
    private final List<Carried> starts = new ArrayList<>();

    private BareDecoder(DecoderModel model, OrtSession session) {
        this.model = model;
        this.session = session;
        parts = model.parts();
    }

    /** Loads the graph. */
    static BareDecoder open(DecoderModel model) throws BundleException, OrtException {
        return new BareDecoder(model, Tensors.session(file(model, "decoder")));
    }

    /** Loads the graph and makes the sessions' beginnings with the encoder. */
    static BareDecoder openWithStarts(DecoderModel model) throws BundleException, OrtException {
        BareDecoder decoder = open(model);
        try (OrtSession encoder = Tensors.session(file(model, "encoder"))) {
            for (int sound = 0; sound < Sound.COUNT; sound++) {
                decoder.starts.add(decoder.begin(sound, decoder.encode(encoder, sound)));
            }
            return decoder;
        } catch (OrtException | RuntimeException e) {
            decoder.close();
            throw e;
        }
    }

    private static String file(DecoderModel model, String graph) throws BundleException {
        return model.bundle().file(model.bundle().graph(graph).file()).toString();
    }

    @Override
    public Carried start(int number) {
        return starts.get(number % Sound.COUNT).as(number);
    }

    @Override
    public BareBatch batch(int capacity) {
        return new Batch(capacity);
    }

    private float[][] encode(OrtSession encoder, int sound) throws OrtException {
        try (Tensors tensors = new Tensors()) {
            float[] mel = model.mel(sound);
            FloatBuffer buffer = Tensors.floats(mel.length).put(0, mel);
            OnnxTensor input = tensors.over(buffer, 1, mel.length / model.frames(), model.frames());
            try (OrtSession.Result result = encoder.run(Map.of("mel", input))) {
                return arrays(result, "cross_");
            }
        }
    }

    /** The session after the calls that come before the first token that is read alone. */
    private Carried begin(int sound, float[][] cross) throws OrtException {
        Carried silent = new Carried(sound, 0, 0, 0, 0, cross, new float[parts.size()][0]);
        Carried listened = read(silent, model.listen(), false, Set.of("logits"));
        return read(listened, model.task(), true, DecoderModel.STEP_OUTPUTS);
    }

    private Carried read(Carried before, long[] tokens, boolean begin, Set<String> outputs)
            throws OrtException {
        try (Tensors tensors = new Tensors()) {
            Map<String, OnnxTensor> inputs = new HashMap<>();
            LongBuffer text = Tensors.longs(tokens.length).put(0, tokens);
            inputs.put("tokens", tensors.over(text, 1, tokens.length));
            inputs.put("past_len", tensors.over(Tensors.longs(1).put(0, before.length()), 1));
            inputs.put("begin", tensors.over(Tensors.floats(1).put(0, begin ? 1 : 0), 1));
            for (int i = 0; i < parts.size(); i++) {
                float[] cross = before.fixed()[i];
                float[] past = before.state()[i];
                inputs.put(
                        "cross_" + parts.get(i),
                        tensors.over(
                                Tensors.floats(cross.length).put(0, cross),
                                shape(1, model.crossFrames())));
                inputs.put(
                        "past_" + parts.get(i),
                        tensors.over(
                                Tensors.floats(past.length).put(0, past), shape(1, padded(past))));
            }
            Set<String> wanted = new HashSet<>(outputs);
            parts.forEach(part -> wanted.add("new_" + part));
            try (OrtSession.Result result = session.run(inputs, wanted)) {
                long token = 0;
                if (outputs.contains("token")) {
                    token = ((OnnxTensor) result.get("token").orElseThrow()).getLongBuffer().get(0);
                }
                float[][] added = arrays(result, "new_");
                float[][] state = new float[parts.size()][];
                for (int i = 0; i < state.length; i++) {
                    state[i] = appended(before.state()[i], before.length(), added[i]);
                }
                int length = before.length() + tokens.length;
                return new Carried(before.session(), 0, length, token, 0, before.fixed(), state);
            }
        }
    }

    private float[][] arrays(OrtSession.Result result, String prefix) throws OrtException {
        float[][] arrays = new float[parts.size()][];
        for (int i = 0; i < arrays.length; i++) {
            OnnxTensor tensor = (OnnxTensor) result.get(prefix + parts.get(i)).orElseThrow();
            FloatBuffer buffer = tensor.getFloatBuffer();
            arrays[i] = new float[buffer.remaining()];
            buffer.get(arrays[i]);
        }
        return arrays;
    }

    private long[] shape(int batch, int positions) {
        return new long[] {batch, model.heads(), positions, model.headWidth()};
    }

    private int row(int positions) {
        return model.heads() * positions * model.headWidth();
    }

    /** Positions of an entry, with its padding. */
    private int padded(float[] entry) {
        return entry.length / row(1);
    }

    /** {@code [heads, padded, width]} with {@code [heads, count, width]} behind its length. */
    private float[] appended(float[] entry, int length, float[] added) {
        int width = model.headWidth();
        int count = padded(added);
        int was = padded(entry);
        int is = bucket(length + count);
        float[] grown = is == was ? entry.clone() : new float[row(is)];
        for (int head = 0; head < model.heads(); head++) {
            if (is != was) {
                System.arraycopy(
                        entry, head * was * width, grown, head * is * width, length * width);
            }
            System.arraycopy(
                    added,
                    head * count * width,
                    grown,
                    (head * is + length) * width,
                    count * width);
        }
        return grown;
    }

    private static int bucket(int length) {
        int bucket = DecoderModel.PAST_BUCKET;
        return (length + bucket - 1) / bucket * bucket;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime did not close the decoder", e);
        }
    }

    /** Rows of sessions that have equally many positions. */
    private final class Batch implements BareBatch {
        private final int capacity;
        private final Tensors tensors = new Tensors();
        private final LongBuffer tokens;
        private final LongBuffer lengths;
        private final FloatBuffer begin;
        private final LongBuffer token;
        private final FloatBuffer logprob;
        private final FloatBuffer alignment;
        private final List<FloatBuffer> cross = new ArrayList<>();
        private final List<FloatBuffer> added = new ArrayList<>();
        private final Map<Integer, List<FloatBuffer>> pastOfBucket = new HashMap<>();
        private final Map<List<Integer>, Bound> bound = new HashMap<>();
        private final long[] digests;
        private int count;
        private int length;
        private int padded;

        Batch(int capacity) {
            this.capacity = capacity;
            tokens = Tensors.longs(capacity);
            lengths = Tensors.longs(capacity);
            begin = Tensors.floats(capacity);
            token = Tensors.longs(capacity);
            logprob = Tensors.floats(capacity);
            alignment =
                    Tensors.floats((long) capacity * model.alignmentHeads() * model.crossFrames());
            for (int i = 0; i < parts.size(); i++) {
                cross.add(Tensors.floats((long) capacity * row(model.crossFrames())));
                added.add(Tensors.floats((long) capacity * row(1)));
            }
            digests = new long[capacity];
        }

        /** Everything a run takes, for a number of rows and a padded length. */
        private record Bound(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

        @Override
        public void load(List<Carried> sessions) {
            count = sessions.size();
            length = sessions.get(0).length();
            padded = padded(sessions.get(0).state()[0]);
            List<FloatBuffer> past = past(padded);
            for (int row = 0; row < count; row++) {
                Carried carried = sessions.get(row);
                tokens.put(row, carried.token());
                lengths.put(row, length);
                digests[row] = carried.digest();
                for (int i = 0; i < parts.size(); i++) {
                    float[] fixed = carried.fixed()[i];
                    float[] state = carried.state()[i];
                    cross.get(i).put(row * fixed.length, fixed);
                    past.get(i).put(row * state.length, state);
                }
            }
        }

        @Override
        public void step() throws OrtException {
            if (length == padded) {
                grow();
            }
            Bound run = bound();
            session.run(run.inputs(), Set.of(), run.outputs()).close();
            append();
            length++;
            for (int row = 0; row < count; row++) {
                long next = token.get(row);
                tokens.put(row, next);
                lengths.put(row, length);
                digests[row] = Carried.digest(digests[row], next);
            }
        }

        private void append() {
            int width = model.headWidth();
            List<FloatBuffer> past = past(padded);
            for (int i = 0; i < parts.size(); i++) {
                FloatBuffer from = added.get(i);
                FloatBuffer to = past.get(i);
                for (int head = 0; head < count * model.heads(); head++) {
                    to.put((head * padded + length) * width, from, head * width, width);
                }
            }
        }

        private void grow() {
            int width = model.headWidth();
            int grown = padded + DecoderModel.PAST_BUCKET;
            for (int i = 0; i < parts.size(); i++) {
                FloatBuffer from = past(padded).get(i);
                FloatBuffer to = past(grown).get(i);
                for (int head = 0; head < count * model.heads(); head++) {
                    to.put(head * grown * width, from, head * padded * width, length * width);
                }
            }
            padded = grown;
        }

        /**
         * Made when a bucket is first needed; what an earlier group left is masked by the length.
         */
        private List<FloatBuffer> past(int bucket) {
            return pastOfBucket.computeIfAbsent(
                    bucket,
                    key -> {
                        List<FloatBuffer> buffers = new ArrayList<>();
                        for (int i = 0; i < parts.size(); i++) {
                            buffers.add(Tensors.floats((long) capacity * row(key)));
                        }
                        return buffers;
                    });
        }

        private Bound bound() throws OrtException {
            List<Integer> key = List.of(count, padded);
            Bound known = bound.get(key);
            if (known == null) {
                known = bind();
                bound.put(key, known);
            }
            return known;
        }

        private Bound bind() throws OrtException {
            Map<String, OnnxTensor> inputs = new HashMap<>();
            Map<String, OnnxTensor> outputs = new HashMap<>();
            inputs.put("tokens", tensors.over(tokens, count, 1));
            inputs.put("past_len", tensors.over(lengths, count));
            inputs.put("begin", tensors.over(begin, count));
            outputs.put("token", tensors.over(token, count));
            outputs.put("logprob", tensors.over(logprob, count));
            outputs.put(
                    "alignment",
                    tensors.over(alignment, count, model.alignmentHeads(), 1, model.crossFrames()));
            for (int i = 0; i < parts.size(); i++) {
                String part = parts.get(i);
                inputs.put(
                        "cross_" + part,
                        tensors.over(cross.get(i), shape(count, model.crossFrames())));
                inputs.put("past_" + part, tensors.over(past(padded).get(i), shape(count, padded)));
                outputs.put("new_" + part, tensors.over(added.get(i), shape(count, 1)));
            }
            return new Bound(inputs, outputs);
        }

        @Override
        public long digest(int row) {
            return digests[row];
        }

        @Override
        public Carried unload(Carried before) {
            float[][] state = new float[parts.size()][];
            float[] one = new float[row(1)];
            for (int i = 0; i < state.length; i++) {
                added.get(i).get(0, one);
                state[i] = appended(before.state()[i], before.length(), one);
            }
            return new Carried(
                    before.session(),
                    before.step() + 1,
                    length,
                    token.get(0),
                    digests[0],
                    before.fixed(),
                    state);
        }

        @Override
        public void close() {
            tensors.close();
        }

        @Override
        public String toString() {
            return "decoder batch of " + Arrays.toString(shape(count, padded));
        }
    }
}
