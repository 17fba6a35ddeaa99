package dev.omniflow.app.bench.operator;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.speech.endpointing.Endpointer;
import dev.omniflow.speech.endpointing.VoiceActivity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A voice activity bundle and the sound that sessions run it over. Immutable and thread-safe. */
final class VoiceModel {
    static final int CHUNK = Endpointer.CHUNK;
    static final int CONTEXT = VoiceActivity.CONTEXT;

    private final Bundle bundle;
    private final GraphRef graph;
    private final List<short[]> sounds = new ArrayList<>();
    private final List<float[]> samples = new ArrayList<>();

    /**
     * @param chunks chunks of sound that a session has
     */
    VoiceModel(Bundle bundle, int chunks) throws BundleException {
        this.bundle = bundle;
        graph = VoiceActivity.graphOf(bundle);
        for (int sound = 0; sound < Sound.COUNT; sound++) {
            short[] pcm = Sound.pcm(sound, chunks * CHUNK);
            sounds.add(pcm);
            float[] withContext = new float[CONTEXT + pcm.length];
            System.arraycopy(Sound.floats(pcm), 0, withContext, CONTEXT, pcm.length);
            samples.add(withContext);
        }
    }

    Bundle bundle() {
        return bundle;
    }

    GraphRef graph() {
        return graph;
    }

    /** Sound of a session, some chunks of it. */
    short[] pcm(int session, int firstChunk, int chunks) {
        return Arrays.copyOfRange(
                sounds.get(session % Sound.COUNT),
                firstChunk * CHUNK,
                (firstChunk + chunks) * CHUNK);
    }

    /**
     * The whole sound of a session as numbers, after silence of {@link #CONTEXT}: a chunk with what
     * comes before it begins at the chunk's number times {@link #CHUNK}.
     */
    float[] samples(int session) {
        return samples.get(session % Sound.COUNT);
    }
}
