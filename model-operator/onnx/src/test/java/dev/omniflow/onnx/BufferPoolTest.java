package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.graph.GraphException;
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
    void givesAtLeastWhatIsAskedForAndWastesLessThanHalf(long bytes) throws GraphException {
        ByteBuffer buffer = new BufferPool(0).take(bytes);
        assertThat((long) buffer.capacity()).isBetween(bytes, Math.max(256, bytes + bytes / 2));
        assertThat(buffer.limit()).isEqualTo(buffer.capacity());
        assertThat(buffer.position()).isZero();
        assertThat(buffer.isDirect()).isTrue();
        assertThat(buffer.order()).isEqualTo(ByteOrder.nativeOrder());
    }

    @Test
    void usesABufferAgain() throws GraphException {
        BufferPool pool = new BufferPool(1 << 20);
        ByteBuffer first = pool.take(1000);
        ByteBuffer second = pool.take(1000);
        assertThat(second).isNotSameAs(first);
        pool.give(first);
        assertThat(pool.take(900)).isSameAs(first);
    }

    @Test
    void keepsNoMoreThanItMay() throws GraphException {
        BufferPool pool = new BufferPool(1024);
        List<ByteBuffer> taken = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            taken.add(pool.take(512));
        }
        taken.forEach(pool::give);
        assertThat(pool.idleBytes()).isEqualTo(1024);
        assertThat(pool.bytesInUse()).isZero();
    }

    @Test
    void refusesASizeThatIsNone() {
        assertThatThrownBy(() -> new BufferPool(0).take(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor has 0 or more bytes, not -1");
    }

    /** It is the call that is too large; the device is as well as before. */
    @ParameterizedTest
    @ValueSource(longs = {Integer.MAX_VALUE / 2 + 1L, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE})
    void refusesASizeThatIsTooLarge(long bytes) {
        BufferPool pool = new BufferPool(0);
        assertThatThrownBy(() -> pool.take(bytes))
                .isInstanceOfSatisfying(
                        GraphException.class, e -> assertThat(e.deviceLost()).isFalse())
                .hasMessage(
                        "a tensor of the run has "
                                + bytes
                                + " bytes, but at most 1073741823 are possible: run fewer calls at"
                                + " a time");
        assertThat(pool.bytesInUse()).isZero();
    }

    @Test
    void refusesWhatThereIsNoMemoryFor() throws GraphException {
        FullMemory memory = new FullMemory();
        BufferPool pool = new BufferPool(1 << 20, memory::allocate);
        ByteBuffer kept = pool.take(1000);
        memory.failFrom(0);
        assertThatThrownBy(() -> pool.take(2000))
                .isInstanceOfSatisfying(
                        GraphException.class, e -> assertThat(e.deviceLost()).isFalse())
                .hasCauseInstanceOf(OutOfMemoryError.class)
                .hasMessage(
                        "no direct memory for a tensor of 2048 bytes beside the 1024 in use: run"
                                + " fewer sessions or raise -XX:MaxDirectMemorySize (full, as the"
                                + " test says)");
        assertThat(pool.bytesInUse()).isEqualTo(1024);
        pool.give(kept);
        assertThat(pool.bytesInUse()).isZero();
        assertThat(pool.take(1000)).as("needs no new memory").isSameAs(kept);
    }

    @Test
    void givesUpWhatItKeepsBeforeItRefuses() throws GraphException {
        FullMemory memory = new FullMemory();
        BufferPool pool = new BufferPool(1 << 20, memory::allocate);
        pool.give(pool.take(1000));
        memory.failNext(0);
        assertThat(pool.take(2000).capacity()).isEqualTo(2048);
        assertThat(pool.idleBytes()).isZero();
    }

    @Test
    void keepsNothingOnceTrimmed() throws GraphException {
        BufferPool pool = new BufferPool(1 << 20);
        ByteBuffer first = pool.take(1000);
        pool.give(first);
        pool.trim();
        assertThat(pool.idleBytes()).isZero();
        assertThat(pool.take(1000)).isNotSameAs(first);
    }

    @Property(tries = 200)
    void neverGivesABufferToTwo(@ForAll long seed) throws GraphException {
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

    @Test
    void trimsTheLargestFirst() throws Exception {
        BufferPool pool = new BufferPool(1 << 20);
        List<ByteBuffer> taken = new ArrayList<>();
        for (int size : new int[] {256, 256, 1024, 4096, 4096}) {
            taken.add(pool.take(size));
        }
        taken.forEach(pool::give);
        assertThat(pool.idleBytes()).isEqualTo(9728);

        pool.trimTo(9728);
        assertThat(pool.idleBytes()).isEqualTo(9728);
        pool.trimTo(2000);
        assertThat(pool.idleBytes()).isEqualTo(1536);
        pool.trimTo(0);
        assertThat(pool.idleBytes()).isZero();
        assertThat(pool.bytesInUse()).isZero();
    }
}
