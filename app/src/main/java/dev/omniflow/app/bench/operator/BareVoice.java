package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.omniflow.core.bundle.BundleException;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The voice activity model in plain ONNX Runtime. */
final class BareVoice implements BareGraph {
    private static final int STATE = 256;
    private static final int INPUT = VoiceModel.CONTEXT + VoiceModel.CHUNK;

    private final VoiceModel model;
    private final OrtSession session;

    private BareVoice(VoiceModel model, OrtSession session) {
        this.model = model;
        this.session = session;
    }

    static BareVoice open(VoiceModel model) throws BundleException, OrtException {
        String file = model.bundle().graph(model.graph().graph()).file();
        return new BareVoice(model, Tensors.session(model.bundle().file(file).toString()));
    }

    @Override
    public Carried start(int number) {
        return new Carried(number, 0, 0, 0, 0, new float[0][], new float[][] {new float[STATE]});
    }

    @Override
    public BareBatch batch(int capacity) {
        return new Batch(capacity);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(
                    "ONNX Runtime did not close the voice activity model", e);
        }
    }

    /** Two states in turn: what one run writes, the next reads. */
    private final class Batch implements BareBatch {
        private final Tensors tensors = new Tensors();
        private final FloatBuffer samples;
        private final FloatBuffer probability;
        private final FloatBuffer[] states;
        private final Map<Integer, Bound[]> bound = new HashMap<>();
        private final float[][] sounds;
        private final long[] digests;
        private int count;
        private int step;
        private int turn;

        Batch(int capacity) {
            samples = Tensors.floats((long) capacity * INPUT);
            probability = Tensors.floats(capacity);
            states =
                    new FloatBuffer[] {
                        Tensors.floats((long) capacity * STATE),
                        Tensors.floats((long) capacity * STATE)
                    };
            sounds = new float[capacity][];
            digests = new long[capacity];
        }

        private record Bound(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

        @Override
        public void load(List<Carried> sessions) {
            count = sessions.size();
            step = sessions.get(0).step();
            turn = 0;
            for (int row = 0; row < count; row++) {
                Carried carried = sessions.get(row);
                sounds[row] = model.samples(carried.session());
                digests[row] = carried.digest();
                states[0].put(row * STATE, carried.state()[0]);
            }
        }

        @Override
        public void step() throws OrtException {
            for (int row = 0; row < count; row++) {
                samples.put(row * INPUT, sounds[row], step * VoiceModel.CHUNK, INPUT);
            }
            Bound run = bound()[turn];
            session.run(run.inputs(), Set.of(), run.outputs()).close();
            for (int row = 0; row < count; row++) {
                int bits = Float.floatToIntBits(probability.get(row));
                digests[row] = Carried.digest(digests[row], bits);
            }
            turn = 1 - turn;
            step++;
        }

        private Bound[] bound() throws OrtException {
            Bound[] known = bound.get(count);
            if (known == null) {
                known = new Bound[] {bind(0), bind(1)};
                bound.put(count, known);
            }
            return known;
        }

        private Bound bind(int from) throws OrtException {
            return new Bound(
                    Map.of(
                            "samples",
                            tensors.over(samples, count, INPUT),
                            "state",
                            tensors.over(states[from], count, 2, STATE / 2)),
                    Map.of(
                            "probability",
                            tensors.over(probability, count),
                            "next_state",
                            tensors.over(states[1 - from], count, 2, STATE / 2)));
        }

        @Override
        public long digest(int row) {
            return digests[row];
        }

        @Override
        public Carried unload(Carried before) {
            float[] state = new float[STATE];
            states[turn].get(0, state);
            return new Carried(
                    before.session(),
                    step,
                    0,
                    0,
                    digests[0],
                    before.fixed(),
                    new float[][] {state});
        }

        @Override
        public void close() {
            tensors.close();
        }
    }
}
