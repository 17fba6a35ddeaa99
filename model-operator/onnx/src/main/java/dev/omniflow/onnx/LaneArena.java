package dev.omniflow.onnx;

import dev.omniflow.core.graph.GraphException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The memory in which one lane lays the caches of a batch side by side. A cache keeps its row from
 * batch to batch where it can, and a row that already holds it is not copied again: between the
 * steps of a decoder only what is new moves. What lies here is a copy: a slab can go at any time
 * between runs, and costs its next run a copy of all rows.
 *
 * <p>Used by whoever holds its lock: its lane during a run, or another thread that tidies up.
 */
final class LaneArena {
    /** After so many runs of all lanes a slab that none of them used is given back. */
    static final long KEPT_FOR_RUNS = 1024;

    private final BufferPool pool;
    private final Lock lock = new ReentrantLock();
    private final Map<Key, Slab> slabs = new HashMap<>();

    /** Runs of all lanes when this one last began a run or was tidied up. */
    private long now;

    LaneArena(BufferPool pool) {
        this.pool = pool;
    }

    /** To be held during a run and while anybody else sweeps. */
    Lock lock() {
        return lock;
    }

    private record Key(String name, List<Long> rowShape) {}

    /** Rows of one entry's name and shape. */
    static final class Slab {
        private ByteBuffer buffer;
        private final int rowBytes;
        private @Nullable OnnxCache[] owners = new OnnxCache[0];
        private long[] versions = new long[0];
        private long lastUsed;

        private Slab(ByteBuffer buffer, int rowBytes) {
            this.buffer = buffer;
            this.rowBytes = rowBytes;
        }

        /** The first rows. */
        ByteBuffer rows(int count) {
            return buffer.slice(0, count * rowBytes).order(buffer.order());
        }

        ByteBuffer row(int row) {
            return buffer.slice(row * rowBytes, rowBytes).order(buffer.order());
        }

        private boolean holds(int row, OnnxCache cache, long version) {
            return owners[row] == cache && versions[row] == version;
        }

        /** Says that a row, which held the cache, was brought up to that version in place. */
        void advance(int row, OnnxCache cache, long version) {
            owners[row] = cache;
            versions[row] = version;
        }

        private boolean holdsAnyLiving() {
            boolean living = false;
            for (int row = 0; row < owners.length; row++) {
                OnnxCache owner = owners[row];
                if (owner != null && owner.closed()) {
                    owners[row] = null;
                } else if (owner != null) {
                    living = true;
                }
            }
            return living;
        }

        private void reserve(int rows, BufferPool pool) throws GraphException {
            if (rows > owners.length) {
                ByteBuffer grown = pool.take((long) rows * rowBytes);
                pool.give(buffer);
                buffer = grown;
                owners = new OnnxCache[rows];
                versions = new long[rows];
            }
        }
    }

    /**
     * Which row each cache of a batch takes: all rows from 0 to the number of caches, each once.
     */
    static int[] assignRows(List<OnnxCache> caches) {
        int count = caches.size();
        int[] rows = new int[count];
        Arrays.fill(rows, -1);
        boolean[] taken = new boolean[count];
        for (int i = 0; i < count; i++) {
            int wanted = caches.get(i).row();
            if (wanted >= 0 && wanted < count && !taken[wanted]) {
                rows[i] = wanted;
                taken[wanted] = true;
            }
        }
        int free = 0;
        for (int i = 0; i < count; i++) {
            if (rows[i] < 0) {
                while (taken[free]) {
                    free++;
                }
                rows[i] = free;
                taken[free] = true;
            }
            caches.get(i).setRow(rows[i]);
        }
        return rows;
    }

    /**
     * Lays one entry of all caches into their rows, copying only what is not there.
     *
     * @throws GraphException if there is no memory for them; the caches are as before
     */
    Slab gather(String name, List<OnnxCache> caches, List<OnnxCache.Entry> entries, int[] rows)
            throws GraphException {
        OnnxCache.Entry first = entries.get(0);
        Key key = new Key(name, Arrays.stream(first.rowShape()).boxed().toList());
        Slab slab = slabs.get(key);
        if (slab == null) {
            slab = new Slab(pool.take(0), first.rowBytes());
            slabs.put(key, slab);
        }
        slab.lastUsed = now;
        slab.reserve(caches.size(), pool);
        for (int i = 0; i < rows.length; i++) {
            OnnxCache.Entry entry = entries.get(i);
            if (!slab.holds(rows[i], caches.get(i), entry.version())) {
                slab.row(rows[i]).put(entry.bytes());
                slab.advance(rows[i], caches.get(i), entry.version());
            }
        }
        return slab;
    }

    /**
     * Gives back the slabs that hold no living cache any more, and those that no run has used for
     * long.
     *
     * @param runs how many runs of all lanes there have been
     */
    void sweep(long runs) {
        now = Math.max(now, runs);
        slabs.values()
                .removeIf(
                        slab -> {
                            boolean stale = now - slab.lastUsed > KEPT_FOR_RUNS;
                            boolean gone = stale || !slab.holdsAnyLiving();
                            if (gone) {
                                pool.give(slab.buffer);
                            }
                            return gone;
                        });
    }

    /** Gives all slabs back. */
    void clear() {
        slabs.values().forEach(slab -> pool.give(slab.buffer));
        slabs.clear();
    }
}
