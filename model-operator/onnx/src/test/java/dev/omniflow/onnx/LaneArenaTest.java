package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LaneArenaTest {
    private static final int WIDTH = 3;

    private final BufferPool pool = new BufferPool(1 << 20);
    private final LaneArena arena = new LaneArena(pool);
    private long runs;

    @Property(tries = 500)
    void givesEachCacheARowAndLeavesItWhereItCan(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = -1, max = 14) Integer> before)
            throws GraphException {
        List<OnnxCache> caches = new ArrayList<>();
        for (int row : before) {
            OnnxCache cache = Caches.in(pool);
            cache.setRow(row);
            caches.add(cache);
        }
        int[] rows = LaneArena.assignRows(caches);
        assertThat(rows).hasSize(caches.size()).doesNotHaveDuplicates();
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < rows.length; i++) {
            assertThat(rows[i]).isBetween(0, rows.length - 1);
            assertThat(caches.get(i).row()).isEqualTo(rows[i]);
            int wanted = before.get(i);
            if (wanted >= 0 && wanted < rows.length && seen.add(wanted)) {
                assertThat(rows[i]).as("the first that wants a row keeps it").isEqualTo(wanted);
            }
        }
    }

    /**
     * Whatever caches come, go, grow and are overwritten, each finds its own content in its row.
     */
    @Property(tries = 300)
    void laysEachCacheIntoItsRow(@ForAll long seed) throws GraphException {
        Random random = new Random(seed);
        List<OnnxCache> living = new ArrayList<>();
        for (int round = 0; round < 40; round++) {
            while (living.size() < 2 || random.nextInt(3) == 0) {
                OnnxCache cache = Caches.in(pool);
                append(cache, random, 1 + random.nextInt(4));
                living.add(cache);
            }
            Collections.shuffle(living, random);
            List<OnnxCache> batch = new ArrayList<>();
            for (OnnxCache cache : living) {
                boolean same =
                        batch.isEmpty()
                                || Arrays.equals(
                                        cache.entry("past").rowShape(),
                                        batch.get(0).entry("past").rowShape());
                if (same && random.nextInt(4) > 0) {
                    batch.add(cache);
                }
            }
            if (random.nextBoolean()) {
                arena.sweep(++runs);
            }
            if (!batch.isEmpty()) {
                step(batch, random);
            }
            // Some move on without the arena, as on another lane or alone.
            for (OnnxCache cache : living) {
                if (random.nextInt(6) == 0) {
                    append(cache, random, 1);
                }
            }
            if (random.nextInt(3) == 0) {
                living.remove(random.nextInt(living.size())).close();
            }
        }
        living.forEach(OnnxCache::close);
        arena.sweep(++runs);
        assertThat(pool.bytesInUse()).isZero();
    }

    /** As a run does: rows, gather, look, append here and there. */
    private void step(List<OnnxCache> batch, Random random) throws GraphException {
        int[] rows = LaneArena.assignRows(batch);
        List<OnnxCache.Entry> entries = new ArrayList<>();
        batch.forEach(cache -> entries.add(cache.entry("past")));
        LaneArena.Slab slab = arena.gather("past", batch, entries, rows);
        FloatBuffer all = slab.rows(batch.size()).asFloatBuffer();
        for (int i = 0; i < batch.size(); i++) {
            float[] expected = contents(entries.get(i));
            float[] actual = new float[expected.length];
            all.get(rows[i] * expected.length, actual);
            assertThat(actual).containsExactly(expected);
        }
        if (random.nextInt(5) == 0) {
            // The run failed.
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            OnnxCache cache = batch.get(i);
            float[] added = floats(random, WIDTH);
            int at = cache.length();
            boolean inPlace = Caches.append(cache, pool, FloatBuffer.wrap(added), 1, 1, WIDTH, 4);
            cache.lengthen(1);
            if (inPlace) {
                slab.row(rows[i]).asFloatBuffer().put(at * WIDTH, added);
                slab.advance(rows[i], cache, cache.entry("past").version());
            }
        }
    }

    @Test
    void givesMemoryBackWhenItsLastCacheIsClosed() throws GraphException {
        OnnxCache first = Caches.in(pool);
        OnnxCache second = Caches.in(pool);
        Random random = new Random(1);
        append(first, random, 2);
        append(second, random, 2);
        step(List.of(first, second), random);
        first.close();
        arena.sweep(++runs);
        assertThat(pool.bytesInUse()).isEqualTo(2 * 256);
        second.close();
        arena.sweep(++runs);
        assertThat(pool.bytesInUse()).isZero();
    }

    /** What lies there is a copy: a cache that is used again later just moves in again. */
    @Test
    void givesMemoryBackThatNoRunHasUsedForLong() throws GraphException {
        OnnxCache first = Caches.in(pool);
        OnnxCache second = Caches.in(pool);
        Random random = new Random(1);
        append(first, random, 2);
        append(second, random, 2);
        arena.sweep(100);
        step(List.of(first, second), random);
        arena.sweep(100 + LaneArena.KEPT_FOR_RUNS);
        assertThat(pool.bytesInUse()).isEqualTo(3 * 256);
        arena.sweep(101 + LaneArena.KEPT_FOR_RUNS);
        assertThat(pool.bytesInUse()).as("the caches' own").isEqualTo(2 * 256);
        step(List.of(second, first), random);
        assertThat(pool.bytesInUse()).isEqualTo(3 * 256);
        arena.clear();
        assertThat(pool.bytesInUse()).isEqualTo(2 * 256);
    }

    private void append(OnnxCache cache, Random random, int count) throws GraphException {
        Caches.append(
                cache, pool, FloatBuffer.wrap(floats(random, count * WIDTH)), 1, count, WIDTH, 4);
        cache.lengthen(count);
    }

    private static float[] contents(OnnxCache.Entry entry) {
        float[] contents = new float[entry.rowBytes() / Float.BYTES];
        entry.floats().get(0, contents);
        return contents;
    }

    private static float[] floats(Random random, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = random.nextFloat();
        }
        return floats;
    }
}
