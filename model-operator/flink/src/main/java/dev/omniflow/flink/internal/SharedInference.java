package dev.omniflow.flink.internal;

import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import java.util.HashMap;
import java.util.Map;

/**
 * The inferences of this process, counted: the first subtask that needs one opens it, the last that
 * leaves closes it. Thread-safe.
 */
public final class SharedInference {
    private static final Map<String, Entry> OPEN = new HashMap<>();

    private SharedInference() {}

    private static final class Entry {
        private final Inference<?, ?> inference;
        private int users;

        private Entry(Inference<?, ?> inference) {
            this.inference = inference;
        }
    }

    /** The inference of that provider; give it back with {@link #release}. */
    @SuppressWarnings("unchecked") // equal keys mean equal providers, hence equal types
    public static synchronized <I, O> Inference<I, O> acquire(InferenceProvider<I, O> provider)
            throws Exception {
        Entry entry = OPEN.get(provider.key());
        if (entry == null) {
            entry = new Entry(provider.open());
            OPEN.put(provider.key(), entry);
        }
        entry.users++;
        return (Inference<I, O>) entry.inference;
    }

    /** Gives an inference back. */
    public static synchronized void release(InferenceProvider<?, ?> provider) {
        Entry entry = OPEN.get(provider.key());
        if (entry == null) {
            throw new IllegalStateException("nobody holds the inference " + provider.key());
        }
        if (--entry.users == 0) {
            OPEN.remove(provider.key());
            entry.inference.close();
        }
    }
}
