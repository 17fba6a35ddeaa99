package dev.omniflow.speech.captions;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TimesTest {
    /** Ten years of audio. */
    private static final long MANY = 10L * 366 * 86_400 * 16_000;

    @Property
    void everySampleFindsBackToItself(@ForAll @LongRange(max = MANY) long sample) {
        assertThat(Times.sample(Times.microseconds(sample))).isEqualTo(sample);
    }

    @Property
    void aTimeBelongsToTheNearestSample(@ForAll @LongRange(max = MANY) long microseconds) {
        long sample = Times.sample(microseconds);

        assertThat(Math.abs(microseconds * 2 - sample * 125)).isLessThanOrEqualTo(63);
    }

    @Test
    void aSecondHasSixteenThousandSamples() {
        assertThat(Times.sample(1_000_000)).isEqualTo(16_000);
        assertThat(Times.microseconds(16_000)).isEqualTo(1_000_000);
        assertThat(Times.microseconds(1)).isEqualTo(62);
    }
}
