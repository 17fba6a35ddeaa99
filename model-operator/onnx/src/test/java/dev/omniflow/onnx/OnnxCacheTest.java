package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.graph.GraphException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class OnnxCacheTest {
    private final BufferPool pool = new BufferPool(1 << 20);

    /** Against lists that just grow; what is not there yet has to be zero. */
    @Property(tries = 300)
    void appendsAsAListWould(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll @IntRange(min = 1, max = 4) int width,
            @ForAll @IntRange(min = 1, max = 9) int bucket)
            throws GraphException {
        Random random = new Random(seed);
        soil(random);
        try (OnnxCache cache = Caches.in(pool)) {
            List<List<Float>> expected = new ArrayList<>();
            for (int head = 0; head < heads; head++) {
                expected.add(new ArrayList<>());
            }
            long version = -1;
            int padded = 0;
            for (int step = 0; step < 15; step++) {
                int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 2 * bucket : 2);
                float[] added = floats(random, heads * count * width);
                for (int head = 0; head < heads; head++) {
                    for (int i = 0; i < count * width; i++) {
                        expected.get(head).add(added[head * count * width + i]);
                    }
                }
                boolean inPlace =
                        Caches.append(
                                cache, pool, FloatBuffer.wrap(added), heads, count, width, bucket);
                cache.lengthen(count);

                int newPadded = (cache.length() + bucket - 1) / bucket * bucket;
                assertThat(inPlace).isEqualTo(newPadded == padded);
                padded = newPadded;
                OnnxCache.Entry entry = cache.entry("past");
                assertThat(entry.rowShape()).containsExactly(heads, padded, width);
                assertThat(entry.version()).isGreaterThan(version);
                version = entry.version();
                float[] whole = new float[heads * padded * width];
                for (int head = 0; head < heads; head++) {
                    for (int i = 0; i < expected.get(head).size(); i++) {
                        whole[head * padded * width + i] = expected.get(head).get(i);
                    }
                }
                assertThat(contents(entry)).containsExactly(whole);
            }
        }
        assertThat(pool.bytesInUse()).isZero();
    }

    @Test
    void growsByAnotherBucketThanBefore() throws GraphException {
        OnnxCache cache = Caches.in(pool);
        Caches.append(cache, pool, FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5, 6}), 2, 3, 1, 8);
        cache.lengthen(3);
        Caches.append(cache, pool, FloatBuffer.wrap(new float[] {7, 8}), 2, 1, 1, 3);
        cache.lengthen(1);
        assertThat(cache.entry("past").rowShape()).containsExactly(2, 6, 1);
        assertThat(contents(cache.entry("past")))
                .containsExactly(1, 2, 3, 7, 0, 0, 4, 5, 6, 8, 0, 0);
    }

    @Test
    void tellsShapesApartByBucketOnly() throws GraphException {
        OnnxCache cache = Caches.in(pool);
        List<Object> keys = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            keys.add(cache.shapeKey(4));
            Caches.append(cache, pool, FloatBuffer.wrap(new float[] {i}), 1, 1, 1, 4);
            cache.lengthen(1);
        }
        keys.add(cache.shapeKey(4));
        assertThat(keys.get(1)).isNotEqualTo(keys.get(0));
        assertThat(keys.subList(1, 5)).containsOnly(keys.get(1));
        assertThat(keys.get(5)).isNotEqualTo(keys.get(4));
    }

    @Test
    void givesBackWhatItReplaces() throws GraphException {
        OnnxCache cache = Caches.in(pool);
        ByteBuffer first = pool.take(100);
        ByteBuffer second = pool.take(100);
        cache.store("memory", first, new long[] {25});
        long version = cache.entry("memory").version();
        cache.store("memory", second, new long[] {25});
        assertThat(cache.entry("memory").version()).isGreaterThan(version);
        assertThat(pool.bytesInUse()).isEqualTo(second.capacity());
        cache.close();
        cache.close();
        assertThat(pool.bytesInUse()).isZero();
    }

    @Test
    void isFreedWhenTheRunThatUsesItEnds() throws Exception {
        OnnxCache cache = Caches.in(pool);
        cache.store("memory", pool.take(100), new long[] {25});
        cache.beginUse();
        cache.close();
        assertThat(pool.bytesInUse()).isPositive();
        // The run goes on and writes what it has computed.
        Caches.append(cache, pool, FloatBuffer.wrap(new float[] {1}), 1, 1, 1, 4);
        cache.endUse();
        assertThat(pool.bytesInUse()).isZero();
        assertThatThrownBy(cache::beginUse)
                .isInstanceOf(GraphException.class)
                .hasMessage("the call's cache is closed");
    }

    @Test
    void isUsedByOneCallAtATime() throws Exception {
        OnnxCache cache = Caches.in(pool);
        cache.beginUse();
        assertThatThrownBy(cache::beginUse)
                .isInstanceOf(GraphException.class)
                .hasMessage("the call's cache is in use by another call");
        cache.endUse();
        cache.beginUse();
        cache.endUse();
    }

    /** Fills the pool with buffers that hold something else than zero. */
    private void soil(Random random) throws GraphException {
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ByteBuffer buffer = pool.take(random.nextInt(2000));
            for (int at = 0; at < buffer.capacity(); at++) {
                buffer.put(at, (byte) 0x5a);
            }
            buffers.add(buffer);
        }
        buffers.forEach(pool::give);
    }

    private static float[] contents(OnnxCache.Entry entry) {
        float[] contents = new float[entry.rowBytes() / Float.BYTES];
        entry.floats().get(0, contents);
        return contents;
    }

    private static float[] floats(Random random, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = random.nextFloat() + 1;
        }
        return floats;
    }
}
