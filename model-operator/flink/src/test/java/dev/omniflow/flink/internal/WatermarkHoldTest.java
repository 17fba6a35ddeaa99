package dev.omniflow.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WatermarkHoldTest {
    private final List<Long> passed = new ArrayList<>();
    private final WatermarkHold hold = new WatermarkHold();

    @Test
    void nothingHoldsAMarkThatNothingCameBefore() {
        hold.hold(() -> passed.add(1L));
        hold.arrived();

        assertThat(passed).containsExactly(1L);
    }

    @Test
    void settlingOutOfOrderHoldsTheOldest() {
        long first = hold.arrived();
        hold.hold(() -> passed.add(1L));
        long second = hold.arrived();
        hold.hold(() -> passed.add(2L));

        hold.settled(second);
        assertThat(passed).isEmpty();
        hold.settled(first);
        assertThat(passed).containsExactly(1L, 2L);
    }

    @Test
    void settlingTwiceIsSettlingOnce() {
        long first = hold.arrived();
        hold.arrived();
        hold.hold(() -> passed.add(1L));
        hold.settled(first);
        hold.settled(first);

        assertThat(passed).isEmpty();
    }

    @Property
    void marksPassInOrderAndNoneBeforeWhatCameBefore(@ForAll long seed) {
        passed.clear();
        WatermarkHold hold = new WatermarkHold();
        Random random = new Random(seed);
        List<Long> open = new ArrayList<>();
        List<List<Long>> before = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            switch (random.nextInt(3)) {
                case 0 -> open.add(hold.arrived());
                case 1 -> {
                    before.add(new ArrayList<>(open));
                    long mark = before.size() - 1L;
                    hold.hold(() -> passed.add(mark));
                }
                default -> {
                    if (!open.isEmpty()) {
                        hold.settled(open.remove(random.nextInt(open.size())));
                    }
                }
            }
            int expected = 0;
            while (expected < before.size()
                    && before.get(expected).stream().noneMatch(open::contains)) {
                expected++;
            }
            assertThat(passed).hasSize(expected).isSorted();
        }
    }
}
