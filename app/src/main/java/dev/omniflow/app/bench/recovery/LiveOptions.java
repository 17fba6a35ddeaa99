package dev.omniflow.app.bench.recovery;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.bench.live.LiveSession;
import dev.omniflow.app.bench.live.Recordings;
import dev.omniflow.app.bench.live.Sounds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of both commands. */
final class LiveOptions {
    /** Of each recording that much is heard, from the begin; shorter ones are repeated. */
    private static final int SOUND_SECONDS = 120;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "whisper-tiny.en",
            description =
                    "whisper-base, whisper-tiny.en, or the path of a bundle. Default:"
                            + " ${DEFAULT-VALUE}")
    private String model = "whisper-tiny.en";

    @Option(
            names = "--media",
            paramLabel = "FILE",
            split = ",",
            description = "Recordings that sessions hear. Default: the demo's")
    private List<Path> media = List.of();

    @Option(
            names = "--sessions",
            paramLabel = "N",
            defaultValue = "8",
            description = "Live sessions at a time. Default: ${DEFAULT-VALUE}")
    private int sessions = 8;

    @Option(
            names = "--speed",
            paramLabel = "X",
            defaultValue = "1",
            description = "How fast sessions speak; 1 is real time. Default: ${DEFAULT-VALUE}")
    private double speed = 1;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Chooses begins and lengths of the sessions, and when and what is killed."
                            + " Default: ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    void check() throws CommandException {
        requireIn("--sessions", sessions, 1, 256);
        if (!(speed >= 0.1 && speed <= 100)) {
            throw CommandException.usage("--speed is from 0.1 to 100, not " + speed);
        }
    }

    static void requireIn(String option, int value, int least, int most) throws CommandException {
        if (value < least || value > most) {
            throw CommandException.usage(
                    option + " is from " + least + " to " + most + ", not " + value);
        }
    }

    String model() {
        return model;
    }

    int sessions() {
        return sessions;
    }

    double speed() {
        return speed;
    }

    long seed() {
        return seed;
    }

    boolean json() {
        return json;
    }

    /** What sessions hear. */
    List<short[]> sounds(OmniflowHome home) throws CommandException {
        List<Path> files = media.isEmpty() ? List.of(Recordings.speech(home)) : media;
        List<short[]> sounds = new ArrayList<>();
        for (Path file : files) {
            sounds.add(Sounds.recording(file, LiveSession.samples(SOUND_SECONDS)));
        }
        return sounds;
    }
}
