package dev.omniflow.flink.internal;

import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inferences of this process, counted: the first subtask that needs one opens it. When the last
 * has left, it is kept for as long as its provider says, since a job that fails comes back, and
 * then closed.
 *
 * <p>Thread-safe.
 */
public final class SharedInference {
    private static final Logger LOG = LoggerFactory.getLogger(SharedInference.class);
    private static final Map<String, Entry> OPEN = new HashMap<>();

    /** Those whose device is lost, until their last user has left. */
    private static final Map<Inference<?, ?>, Entry> CONDEMNED = new HashMap<>();

    private SharedInference() {}

    private static final class Entry {
        private final Inference<?, ?> inference;
        private int users;

        /** How often it was given back by all; tells whether it was used since. */
        private long left;

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
    public static synchronized void release(
            InferenceProvider<?, ?> provider, Inference<?, ?> inference) {
        Entry entry = OPEN.get(provider.key());
        if (entry == null || entry.inference != inference) {
            // Condemned: whoever leaves it last closes it.
            Entry condemned = CONDEMNED.get(inference);
            if (condemned == null) {
                throw new IllegalStateException("nobody holds the inference " + provider.key());
            }
            if (--condemned.users == 0) {
                CONDEMNED.remove(inference);
                condemned.inference.close();
            }
            return;
        }
        if (--entry.users > 0) {
            return;
        }
        long left = ++entry.left;
        Duration keepFor = provider.keepFor();
        if (keepFor.isZero()) {
            closeIfUnused(provider.key(), entry, left);
        } else {
            CompletableFuture.delayedExecutor(keepFor.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> closeIfUnused(provider.key(), entry, left));
        }
    }

    private static synchronized void closeIfUnused(String key, Entry entry, long left) {
        if (entry.users == 0 && entry.left == left && OPEN.remove(key, entry)) {
            try {
                entry.inference.close();
            } catch (RuntimeException e) {
                LOG.error("the inference {} does not close", key, e);
                throw e;
            }
        }
    }

    /** Its device is lost: whoever comes next opens another one. */
    public static synchronized void condemn(
            InferenceProvider<?, ?> provider, Inference<?, ?> inference) {
        Entry entry = OPEN.get(provider.key());
        if (entry != null && entry.inference == inference) {
            OPEN.remove(provider.key());
            CONDEMNED.put(inference, entry);
        }
    }
}
