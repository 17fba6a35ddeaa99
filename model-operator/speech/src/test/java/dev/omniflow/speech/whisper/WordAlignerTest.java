package dev.omniflow.speech.whisper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WordAlignerTest {
    @Test
    void findsWhereAttentionMoves() {
        int[] truth = {0, 12, 30, 41, 60, 79};
        float[][] attention = new float[truth.length][2 * 100];
        for (int head = 0; head < 2; head++) {
            for (int token = 0; token < truth.length; token++) {
                int end = token + 1 < truth.length ? truth[token + 1] : 80;
                for (int frame = 0; frame < 100; frame++) {
                    boolean heard = frame >= truth[token] && frame < end;
                    attention[token][head * 100 + frame] = heard ? 0.05f : 0.0005f;
                }
            }
        }

        int[] starts = WordAligner.tokenStarts(attention, 2, 100, 80);

        for (int token = 0; token < truth.length; token++) {
            assertThat(starts[token]).isBetween(truth[token] - 2, truth[token] + 2);
        }
    }

    @Test
    void looksOnlyAtFramesThatHoldAudio() {
        float[][] attention = new float[3][100];
        Random random = new Random(1);
        for (float[] row : attention) {
            for (int frame = 0; frame < 100; frame++) {
                row[frame] = random.nextFloat();
            }
        }
        float[][] other = new float[3][];
        for (int token = 0; token < 3; token++) {
            other[token] = attention[token].clone();
            for (int frame = 40; frame < 100; frame++) {
                other[token][frame] = 1000;
            }
        }

        assertThat(WordAligner.tokenStarts(other, 1, 100, 40))
                .containsExactly(WordAligner.tokenStarts(attention, 1, 100, 40));
    }

    @Property(tries = 300)
    void risesWithinTheAudioWhateverTheAttention(
            @ForAll @IntRange(min = 1, max = 30) int tokens,
            @ForAll @IntRange(min = 1, max = 40) int frames,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll long seed) {
        Random random = new Random(seed);
        int stride = frames + random.nextInt(5);
        float[][] attention = new float[tokens][heads * stride];
        for (float[] row : attention) {
            for (int i = 0; i < row.length; i++) {
                row[i] = random.nextInt(3) == 0 ? 0 : random.nextFloat();
            }
        }

        int[] starts = WordAligner.tokenStarts(attention, heads, stride, frames);

        assertThat(starts).hasSize(tokens);
        assertThat(starts[0]).isZero();
        for (int token = 1; token < tokens; token++) {
            assertThat(starts[token]).isBetween(starts[token - 1], frames - 1);
        }
    }

    @Test
    void attentionOfNothingStillGivesAnAnswer() {
        assertThat(WordAligner.tokenStarts(new float[4][10], 1, 10, 10))
                .hasSize(4)
                .isSorted()
                .startsWith(0);
    }
}
