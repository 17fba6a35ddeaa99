package dev.omniflow.speech.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FftTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 25, 30, 49, 60, 64, 100, 210, 400})
    void equalsTheDefinition(int length) {
        Random random = new Random(length);
        double[] re = random.doubles(length, -1, 1).toArray();
        double[] im = random.doubles(length, -1, 1).toArray();
        double[] expectedRe = new double[length];
        double[] expectedIm = new double[length];
        for (int k = 0; k < length; k++) {
            for (int n = 0; n < length; n++) {
                double angle = -2 * Math.PI * k * n / length;
                expectedRe[k] += re[n] * Math.cos(angle) - im[n] * Math.sin(angle);
                expectedIm[k] += re[n] * Math.sin(angle) + im[n] * Math.cos(angle);
            }
        }

        new Fft(length).transform(re, im);

        assertThat(re).containsExactly(expectedRe, within(1e-9));
        assertThat(im).containsExactly(expectedIm, within(1e-9));
    }

    @Property(tries = 50)
    void keepsTheEnergyAndNothingOfEarlierTransforms(@ForAll long seed) {
        Random random = new Random(seed);
        Fft fft = new Fft(400);
        fft.transform(random.doubles(400).toArray(), random.doubles(400).toArray());
        double[] re = random.doubles(400, -1, 1).toArray();
        double[] im = random.doubles(400, -1, 1).toArray();
        double before = energy(re, im);
        double[] againRe = re.clone();
        double[] againIm = im.clone();

        fft.transform(re, im);
        new Fft(400).transform(againRe, againIm);

        assertThat(energy(re, im) / 400).isCloseTo(before, within(1e-9));
        assertThat(re).containsExactly(againRe);
        assertThat(im).containsExactly(againIm);
    }

    private static double energy(double[] re, double[] im) {
        double energy = 0;
        for (int i = 0; i < re.length; i++) {
            energy += re[i] * re[i] + im[i] * im[i];
        }
        return energy;
    }
}
