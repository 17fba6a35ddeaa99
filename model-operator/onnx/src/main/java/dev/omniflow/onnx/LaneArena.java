package dev.omniflow.onnx;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory in which one lane lays the caches of a batch side by side. A cache keeps its row from
 * batch to batch where it can, and a row that already holds it is not copied again: between the
 * steps of a decoder only what is new moves.
 *
 * <p>Confined to its lane.
 */
final class LaneArena {
    private final BufferPool pool;
    private final Map<Key, Slab> slabs = new HashMap<>();

    LaneArena(BufferPool pool) {
        this.pool = pool;
    }

    private record Key(String name, List<Long> rowShape) {}

    /** Rows of one entry's name and shape. */
    static final class Slab {
        private ByteBuffer buffer;
        private final int rowBytes;
        private @Nullable OnnxCache[] owners = new OnnxCache[0];
        private long[] versions = new long[0];

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

        private void reserve(int rows, BufferPool pool) {
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

    /** Lays one entry of all caches into their rows, copying only what is not there. */
    Slab gather(String name, List<OnnxCache> caches, List<OnnxCache.Entry> entries, int[] rows) {
        OnnxCache.Entry first = entries.get(0);
        Key key = new Key(name, Arrays.stream(first.rowShape()).boxed().toList());
        Slab slab = slabs.computeIfAbsent(key, missing -> new Slab(pool.take(0), first.rowBytes()));
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

    /** Gives back the slabs that hold no living cache any more. */
    void sweep() {
        slabs.values()
                .removeIf(
                        slab -> {
                            boolean alive = false;
                            for (int row = 0; row < slab.owners.length; row++) {
                                OnnxCache owner = slab.owners[row];
                                if (owner != null && owner.closed()) {
                                    slab.owners[row] = null;
                                } else if (owner != null) {
                                    alive = true;
                                }
                            }
                            if (!alive) {
                                pool.give(slab.buffer);
                            }
                            return !alive;
                        });
    }
}
