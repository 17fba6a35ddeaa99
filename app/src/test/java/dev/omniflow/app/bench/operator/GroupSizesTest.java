package dev.omniflow.app.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GroupSizesTest {
    @Test
    void areWholeAndRightInTheMean() {
        GroupSizes sizes = new GroupSizes(32);
        sizes.setMean(13.3);
        int[] taken = IntStream.range(0, 100).map(i -> sizes.next()).toArray();
        assertThat(taken).containsOnly(13, 14);
        assertThat(IntStream.of(taken).sum()).isBetween(1329, 1331);
    }

    @Test
    void stayWithinWhatTheGraphTakes() {
        GroupSizes sizes = new GroupSizes(4);
        sizes.setMean(9);
        assertThat(IntStream.range(0, 10).map(i -> sizes.next()).toArray()).containsOnly(4);
        sizes.setMean(0.2);
        assertThat(IntStream.range(0, 10).map(i -> sizes.next()).skip(2).toArray()).containsOnly(1);
    }
}
