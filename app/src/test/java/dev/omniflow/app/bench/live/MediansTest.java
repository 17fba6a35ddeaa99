package dev.omniflow.app.bench.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MediansTest {
    @Test
    void isTheMiddleOneOrTheMeanOfTwo() {
        assertThat(Medians.of(List.of(9, 1, 4))).isEqualTo(4);
        assertThat(Medians.of(List.of(9.0, 1.0, 4.0, 2.0))).isEqualTo(3);
    }

    @Test
    void refusesNothing() {
        assertThatThrownBy(() -> Medians.of(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing was measured");
    }

    @Test
    void roundsToPlaces() {
        assertThat(Medians.rounded(1.2345, 2)).isEqualTo(1.23);
        assertThat(Medians.rounded(-0.26, 1)).isEqualTo(-0.3);
    }
}
