package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.ingest.ChannelMode;
import dev.omniflow.ingest.MediaUnreadableException;
import dev.omniflow.sinks.captions.CaptionFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Runs a second of silence through everything, so that the launcher can keep the classes that were
 * loaded for the next starts.
 */
@Command(name = "warm-up", hidden = true, description = "Used by the launcher.")
public final class WarmUpCommand implements Callable<Integer> {
    private static final int SAMPLE_RATE = 16_000;

    private final OmniflowHome home;

    @Mixin private SpeechOptions speech = new SpeechOptions();

    /**
     * @param home where models and run data lie
     */
    public WarmUpCommand(OmniflowHome home) {
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException, IOException {
        SpeechModels models = speech.models(home);
        Path sound = Files.createTempFile("omniflow-warm-up-", ".wav");
        try (CaptionService service =
                CaptionService.start(home, models, speech.parallelism(), true)) {
            Files.write(sound, wav(new short[SAMPLE_RATE]));
            SessionSettings settings =
                    new SessionSettings(
                            models, Optional.of("en"), "", List.of(), ChannelMode.AUTO, false);
            service.caption(sound, settings, SessionListener.NONE);
            CaptionFormat.VTT.writer(new StringBuilder(), 1).finish();
        } catch (MediaUnreadableException e) {
            throw CommandException.failure("the sound made for it cannot be read", e);
        } finally {
            Files.deleteIfExists(sound);
        }
        return ExitCode.OK;
    }

    private static byte[] wav(short[] samples) {
        int bytes = samples.length * Short.BYTES;
        ByteBuffer wav = ByteBuffer.allocate(44 + bytes).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + bytes);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        wav.putShort((short) 1).putShort((short) 1);
        wav.putInt(SAMPLE_RATE).putInt(SAMPLE_RATE * Short.BYTES);
        wav.putShort((short) Short.BYTES).putShort((short) Short.SIZE);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(bytes);
        for (short sample : samples) {
            wav.putShort(sample);
        }
        return wav.array();
    }
}
