package dev.omniflow.core.graph;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleFolders;
import dev.omniflow.core.bundle.BundleId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bundles that a process has loaded, counted: the first that needs a bundle loads it, the last
 * that leaves unloads it. So versions of a bundle lie beside each other for as long as sessions run
 * on them.
 *
 * <p>Thread-safe. Whoever needs a bundle that another thread loads waits for it.
 *
 * @param <M> what session programs know of a bundle
 */
public final class LoadedBundles<M> {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedBundles.class);

    /**
     * Makes what session programs know of a bundle.
     *
     * @param <M> what they know
     */
    @FunctionalInterface
    public interface ModelReader<M> {
        /** Reads a bundle whose graphs are loaded. */
        M read(Bundle bundle) throws BundleException;
    }

    private final BundleFolders folders;
    private final GraphRuntime runtime;
    private final ModelReader<M> reader;
    private final Executor later;

    /** Those that are used, and those that are kept for whoever comes next. Guarded by this. */
    private final Map<BundleId, Entry<M>> entries = new HashMap<>();

    private static final class Entry<M> {
        private final CompletableFuture<M> model = new CompletableFuture<>();
        private int users;
        private long loadNanos;
        private boolean loading;

        /** How often its last user has left; tells whether it was used since. */
        private long left;
    }

    /** Bundles that unload at once when nobody uses them. */
    public LoadedBundles(BundleFolders folders, GraphRuntime runtime, ModelReader<M> reader) {
        this(folders, runtime, reader, Runnable::run);
    }

    /**
     * @param folders where bundles are found
     * @param runtime loads their graphs; not owned
     * @param later runs what is to be done about a bundle that nobody uses any more. If that is
     *     some time later, whoever comes before finds it loaded: as when a job restarts
     */
    public LoadedBundles(
            BundleFolders folders, GraphRuntime runtime, ModelReader<M> reader, Executor later) {
        this.later = Objects.requireNonNull(later, "later");
        this.folders = Objects.requireNonNull(folders, "folders");
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.reader = Objects.requireNonNull(reader, "reader");
    }

    /** The right to use a bundle until it is closed. Thread-safe. */
    public final class Lease implements AutoCloseable {
        private final BundleId id;
        private final M model;
        private boolean closed;

        private Lease(BundleId id, M model) {
            this.id = id;
            this.model = model;
        }

        public BundleId id() {
            return id;
        }

        public M model() {
            return model;
        }

        /** Gives the bundle back. Safe to call twice. */
        @Override
        public void close() {
            synchronized (LoadedBundles.this) {
                if (!closed) {
                    closed = true;
                    release(id);
                }
            }
        }
    }

    /**
     * A bundle to use; loads it, which takes seconds, if nobody has.
     *
     * @throws BundleException if it is not there or broken; nothing has changed then
     */
    public Lease acquire(BundleId id) throws BundleException {
        Entry<M> entry;
        boolean first;
        synchronized (this) {
            entry = entries.computeIfAbsent(id, key -> new Entry<>());
            first = !entry.loading;
            entry.loading = true;
            entry.users++;
        }
        if (first) {
            load(id, entry);
        }
        try {
            return new Lease(id, entry.model.join());
        } catch (CompletionException e) {
            synchronized (this) {
                // Nobody waits for what is broken: it may be mended at any time.
                entry.users--;
                if (entry.users == 0 && entries.remove(id, entry)) {
                    runtime.unload(id);
                }
            }
            if (e.getCause() instanceof BundleException broken) {
                throw new BundleException(broken.getMessage(), broken);
            }
            throw e;
        }
    }

    private void load(BundleId id, Entry<M> entry) {
        long began = System.nanoTime();
        try {
            Bundle bundle = folders.read(id);
            runtime.load(bundle);
            M model = reader.read(bundle);
            long took = System.nanoTime() - began;
            synchronized (this) {
                entry.loadNanos = took;
            }
            LOG.info("loaded bundle {} in {} ms", id, took / 1_000_000);
            entry.model.complete(model);
        } catch (BundleException | RuntimeException | Error e) {
            entry.model.completeExceptionally(e);
        }
    }

    /** Under the lock. */
    private void release(BundleId id) {
        Entry<M> entry = entries.get(id);
        if (entry == null) {
            throw new IllegalStateException("nobody holds bundle " + id);
        }
        entry.users--;
        if (entry.users == 0) {
            long left = ++entry.left;
            later.execute(() -> unloadIfUnused(id, entry, left));
        }
    }

    private synchronized void unloadIfUnused(BundleId id, Entry<M> entry, long left) {
        if (entry.users == 0 && entry.left == left && entries.remove(id, entry)) {
            runtime.unload(id);
            LOG.info("unloaded bundle {}", id);
        }
    }

    /** How long each bundle that is loaded now took to load. */
    public synchronized Map<BundleId, Duration> loadTimes() {
        Map<BundleId, Duration> times = new TreeMap<>();
        entries.forEach(
                (id, entry) -> {
                    if (entry.loadNanos > 0) {
                        times.put(id, Duration.ofNanos(entry.loadNanos));
                    }
                });
        return times;
    }

    /** Where bundles are found. */
    public BundleFolders folders() {
        return folders;
    }
}
