package dev.omniflow.ingest.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.ingest.MediaChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FrameAssemblerTest {
    @Property(tries = 300)
    void cutsWhateverComesIntoEqualFrames(
            @ForAll @Size(max = 20) List<@IntRange(min = 1, max = 500) Integer> pieces,
            @ForAll @IntRange(min = 1, max = 300) int frameSamples) {
        FrameAssembler assembler = new FrameAssembler(2, frameSamples);
        List<MediaChunk.Samples> frames = new ArrayList<>();
        long position = 1000;
        for (int piece : pieces) {
            short[][] samples = new short[2][piece];
            for (int i = 0; i < piece; i++) {
                samples[0][i] = (short) (position + i);
                samples[1][i] = (short) -(position + i);
            }
            assembler.add(new MediaChunk.Samples(position, samples));
            position += piece;
            drain(assembler, false, frames);
        }
        int full = frames.size();
        drain(assembler, true, frames);

        assertThat(frames.size() - full).isLessThanOrEqualTo(1);
        long expected = 1000;
        for (int i = 0; i < frames.size(); i++) {
            MediaChunk.Samples frame = frames.get(i);
            assertThat(frame.position()).isEqualTo(expected);
            if (i < full) {
                assertThat(frame.length()).isEqualTo(frameSamples);
            }
            for (int s = 0; s < frame.length(); s++) {
                assertThat(frame.channel(0)[s]).isEqualTo((short) (expected + s));
                assertThat(frame.channel(1)[s]).isEqualTo((short) -(expected + s));
            }
            expected += frame.length();
        }
        assertThat(expected).isEqualTo(position);
    }

    private static void drain(
            FrameAssembler assembler, boolean rest, List<MediaChunk.Samples> frames) {
        for (Optional<MediaChunk.Samples> frame = assembler.take(rest);
                frame.isPresent();
                frame = assembler.take(rest)) {
            frames.add(frame.get());
        }
    }
}
