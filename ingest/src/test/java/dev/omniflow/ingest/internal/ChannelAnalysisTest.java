package dev.omniflow.ingest.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.ingest.MediaChunk;
import dev.omniflow.ingest.Sounds;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ChannelAnalysisTest {
    private static final int LENGTH = 30 * 16_000;
    private static final int PERIOD = 8 * 16_000;

    private final short[] caller = Sounds.talker(LENGTH, PERIOD, 0, 60_000, 0.5, 1);
    private final short[] agent = Sounds.talker(LENGTH, PERIOD, 56_000, 124_000, 0.2, 2);
    private final short[] hiss = Sounds.noise(LENGTH, 0.003, 3);

    private static ChannelAnalysis analyse(short[] left, short[] right) {
        ChannelAnalysis analysis = new ChannelAnalysis();
        analysis.add(left, right);
        return analysis;
    }

    private static short[] mixed(ChannelAnalysis analysis, short[] left, short[] right) {
        return analysis.mix()
                .apply(new MediaChunk.Samples(0, new short[][] {left, right}))
                .channel(0);
    }

    @Test
    void alternatingTalkersAreTwoParties() {
        assertThat(analyse(caller, agent).twoParties()).isTrue();
        assertThat(analyse(agent, caller).twoParties()).isTrue();
    }

    @Test
    void hissAndCrossTalkDoNotHideTwoParties() {
        short[] left = Sounds.sum(Sounds.sum(caller, hiss), Sounds.scaled(agent, 0.03));
        short[] right = Sounds.sum(Sounds.sum(agent, hiss), Sounds.scaled(caller, 0.01));

        assertThat(analyse(left, right).twoParties()).isTrue();
    }

    @Test
    void aCopyIsOneParty() {
        assertThat(analyse(caller, caller).twoParties()).isFalse();
        assertThat(mixed(analyse(caller, caller), caller, caller)).isEqualTo(caller);
    }

    @Test
    void anInvertedCopyIsOnePartyThatStaysAudible() {
        short[] inverted = Sounds.scaled(caller, -1);

        assertThat(analyse(caller, inverted).twoParties()).isFalse();
        assertThat(mixed(analyse(caller, inverted), caller, inverted)).isEqualTo(caller);
    }

    @Test
    void pannedMusicIsOne() {
        short[] strings = Sounds.tone(LENGTH, 16_000, 330, 0.3);
        short[] drums = Sounds.talker(LENGTH, 8000, 0, 2000, 0.3, 5);
        short[] left = Sounds.sum(strings, Sounds.scaled(drums, 0.3));
        short[] right = Sounds.sum(Sounds.scaled(strings, 0.3), drums);

        assertThat(analyse(left, right).twoParties()).isFalse();
    }

    @Test
    void twoMicrophonesInARoomAreOne() {
        // The same talkers, later and softer, in the other microphone: hardly any correlation.
        short[] room = Sounds.sum(caller, agent);
        short[] later = new short[LENGTH];
        System.arraycopy(room, 0, later, 40, LENGTH - 40);

        assertThat(analyse(room, Sounds.scaled(later, 0.7)).twoParties()).isFalse();
    }

    @Test
    void aSilentChannelIsOnePartyAtItsFullLevel() {
        short[] silence = Sounds.silence(LENGTH);

        for (short[] other : new short[][] {silence, hiss}) {
            assertThat(analyse(caller, other).twoParties()).isFalse();
            assertThat(analyse(other, caller).twoParties()).isFalse();
        }
        assertThat(mixed(analyse(silence, caller), silence, caller)).isEqualTo(caller);
        assertThat(analyse(silence, silence).twoParties()).isFalse();
    }

    @Test
    void aChannelThatWasSilentAtFirstIsStillHeardLater() {
        short[] silence = Sounds.silence(LENGTH);

        assertThat(mixed(analyse(caller, silence), silence, agent)).isEqualTo(agent);
    }

    @Test
    void chunksDoNotMatter() {
        ChannelAnalysis whole = analyse(caller, agent);
        ChannelAnalysis pieces = new ChannelAnalysis();
        for (int from = 0; from < LENGTH; from += 777) {
            int to = Math.min(LENGTH, from + 777);
            pieces.add(Arrays.copyOfRange(caller, from, to), Arrays.copyOfRange(agent, from, to));
        }
        assertThat(pieces.twoParties()).isEqualTo(whole.twoParties());
    }
}
