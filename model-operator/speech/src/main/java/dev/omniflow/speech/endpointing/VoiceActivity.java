package dev.omniflow.speech.endpointing;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.Tensor;
import java.util.Map;
import java.util.Set;

/**
 * The recurrent voice activity model over one channel: each chunk of 512 samples, with the 64
 * before it, gives a probability of speech and the next state. Not thread-safe.
 */
public final class VoiceActivity {
    /** Samples before a chunk that the model sees with it. */
    public static final int CONTEXT = 64;

    private static final int STATE_SIZE = 256;
    private static final Set<String> OUTPUTS = Set.of("probability", "next_state");

    private final GraphRef graph;
    private float[] state;

    /**
     * @param graph graph {@code vad} of a bundle of kind {@code voice-activity}
     * @param state what {@link #state} gave, or empty for a new channel
     */
    public VoiceActivity(GraphRef graph, float[] state) {
        this.graph = graph;
        if (state.length != 0 && state.length != STATE_SIZE) {
            throw new IllegalArgumentException(
                    "the voice activity state has " + STATE_SIZE + " numbers, not " + state.length);
        }
        this.state = state.length == 0 ? new float[STATE_SIZE] : state.clone();
    }

    /** The graph that a bundle brings. */
    public static GraphRef graphOf(Bundle bundle) throws BundleException {
        return new GraphRef(bundle.id(), bundle.graph("vad").name());
    }

    /** The call for a chunk. */
    public GraphCall call(float[] contextAndChunk) {
        return GraphCall.of(
                graph,
                Map.of(
                        "samples", Tensor.of(contextAndChunk, 1, CONTEXT + Endpointer.CHUNK),
                        "state", Tensor.of(state, 1, 2, STATE_SIZE / 2)),
                OUTPUTS);
    }

    /** Takes the call's result; returns the probability of speech in the chunk. */
    public float accept(GraphResult.Success result) {
        state = result.output("next_state").floats();
        return result.output("probability").floats()[0];
    }

    /** Begins anew, as on a new channel. */
    public void reset() {
        state = new float[STATE_SIZE];
    }

    /** The recurrent state. */
    public float[] state() {
        return state.clone();
    }
}
