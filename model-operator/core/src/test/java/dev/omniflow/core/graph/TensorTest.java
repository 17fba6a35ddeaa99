package dev.omniflow.core.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void holdsWhatItIsGiven() {
        Tensor floats = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
        assertThat(floats.size()).isEqualTo(6);
        assertThat(floats.shape()).containsExactly(1, 2, 3);
        assertThat(floats.floats()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(floats).hasToString("float32[1, 2, 3]");
        Tensor longs = Tensor.of(new long[] {7}, 1);
        assertThat(longs.longs()).containsExactly(7);
        assertThat(longs).hasToString("int64[1]");
        assertThat(Tensor.of(new float[0], 1, 0, 4).size()).isZero();
        assertThat(Tensor.of(new long[] {5}).shape()).isEmpty();
    }

    @Test
    void isEqualByContentAndShape() {
        Tensor one = Tensor.of(new float[] {1, Float.NaN}, 1, 2);
        assertThat(one)
                .isEqualTo(Tensor.of(new float[] {1, Float.NaN}, 1, 2))
                .hasSameHashCodeAs(Tensor.of(new float[] {1, Float.NaN}, 1, 2))
                .isNotEqualTo(Tensor.of(new float[] {1, Float.NaN}, 2, 1))
                .isNotEqualTo(Tensor.of(new float[] {1, 0}, 1, 2));
        assertThat(Tensor.of(new float[] {0f}, 1)).isNotEqualTo(Tensor.of(new float[] {-0f}, 1));
        assertThat((Tensor) Tensor.of(new long[] {0}, 1))
                .isNotEqualTo(Tensor.of(new float[] {0}, 1));
    }

    @Test
    void refusesAnotherSizeThanItsShapeSays() {
        assertThatThrownBy(() -> Tensor.of(new float[5], 1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor of shape [1, 2, 3] has 6 elements, not 5");
        assertThatThrownBy(() -> Tensor.of(new long[0], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor of shape [1] has 1 elements, not 0");
    }

    @Test
    void refusesNegativeDimensionsWhoseProductFits() {
        assertThatThrownBy(() -> Tensor.of(new float[4], -1, -4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor's dimensions are >= 0, not [-1, -4]");
    }

    @Test
    void refusesAShapeWhoseSizeOverflowsToTheRightOne() {
        assertThatThrownBy(() -> Tensor.of(new float[0], 1L << 32, 1L << 32))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void saysWhatItIsWhenAskedForTheOtherType() {
        assertThatThrownBy(() -> Tensor.of(new long[] {1}, 1).floats())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("expected a tensor of float32, but it is int64[1]");
        assertThatThrownBy(() -> Tensor.of(new float[] {1}, 1).longs())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("expected a tensor of int64, but it is float32[1]");
    }
}
