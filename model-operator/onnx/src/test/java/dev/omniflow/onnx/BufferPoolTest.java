package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferPoolTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 255, 256, 257, 384, 385, 513, 1000, 1 << 20, (1 << 20) + 1})
    void givesAtLeastWhatIsAskedForAndWastesLessThanHalf(long bytes) {
        ByteBuffer buffer = new BufferPool(0).take(bytes);
        assertThat((long) buffer.capacity()).isBetween(bytes, Math.max(256, bytes + bytes / 2));
        assertThat(buffer.limit()).isEqualTo(buffer.capacity());
        assertThat(buffer.position()).isZero();
        assertThat(buffer.isDirect()).isTrue();
        assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
    }

    @Test
    void usesABufferAgain() {
        BufferPool pool = new BufferPool(1 << 20);
        ByteBuffer first = pool.take(1000);
        ByteBuffer second = pool.take(1000);
        assertThat(second).isNotSameAs(first);
        pool.give(first);
        assertThat(pool.take(900)).isSameAs(first);
    }

    @Test
    void keepsNoMoreThanItMay() {
        BufferPool pool = new BufferPool(1024);
        List<ByteBuffer> taken = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            taken.add(pool.take(512));
        }
        taken.forEach(pool::give);
        assertThat(pool.idleBytes()).isEqualTo(1024);
        assertThat(pool.bytesInUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE})
    void refusesASizeThatIsNone(long bytes) {
        assertThatThrownBy(() -> new BufferPool(0).take(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor has 0 to 1073741823 bytes, not " + bytes);
    }

    @Property(tries = 200)
    void neverGivesABufferToTwo(@ForAll long seed) {
        Random random = new Random(seed);
        long maxIdle = random.nextInt(20_000);
        BufferPool pool = new BufferPool(maxIdle);
        Set<ByteBuffer> owned = Collections.newSetFromMap(new IdentityHashMap<>());
        List<ByteBuffer> mine = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            if (mine.isEmpty() || random.nextInt(5) < 3) {
                ByteBuffer buffer = pool.take(random.nextInt(3000));
                assertThat(owned.add(buffer)).isTrue();
                mine.add(buffer);
            } else {
                ByteBuffer given = mine.remove(random.nextInt(mine.size()));
                owned.remove(given);
                pool.give(given);
            }
            assertThat(pool.idleBytes()).isBetween(0L, maxIdle);
            assertThat(pool.bytesInUse())
                    .isEqualTo(mine.stream().mapToLong(ByteBuffer::capacity).sum());
        }
    }
}
