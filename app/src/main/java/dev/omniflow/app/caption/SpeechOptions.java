package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.ingest.ChannelMode;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command that recognises speech. */
final class SpeechOptions {
    private static final int MAX_PARALLELISM = 64;
    private static final String DEFAULT_MODEL = "whisper-base";

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "whisper-base (many languages), whisper-tiny.en (English, faster), or the path"
                            + " of a bundle of your own. Default: "
                            + DEFAULT_MODEL)
    private @Nullable String model;

    @Option(
            names = "--language",
            paramLabel = "CODE",
            defaultValue = "auto",
            description =
                    "Language that is spoken, as an ISO 639-1 code such as en, or auto to detect"
                            + " it. Default: ${DEFAULT-VALUE}")
    private String language = "";

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "What the recording is about, or what was said before it.")
    private String prompt = "";

    @Option(
            names = "--vocabulary",
            paramLabel = "FILE",
            description = "Names and terms that may be said, one a line, in UTF-8.")
    private @Nullable Path vocabulary;

    @Option(
            names = "--channels",
            paramLabel = "MODE",
            defaultValue = "auto",
            converter = ChannelModeConverter.class,
            description =
                    "auto: stereo recordings with a speaker on each channel are captioned by"
                            + " channel; mix: always one; separate: always each. Default:"
                            + " ${DEFAULT-VALUE}")
    private ChannelMode channels = ChannelMode.AUTO;

    @Option(
            names = "--realtime",
            description = "Feed the recording at the pace at which it would be heard.")
    private boolean realtime;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "2",
            description = "Parallel tasks of the Flink job. Default: ${DEFAULT-VALUE}")
    private int parallelism = 2;

    SpeechModels models(OmniflowHome home) throws CommandException {
        return SpeechModels.find(home, model == null ? DEFAULT_MODEL : model);
    }

    /** Whether the caller wants this very model. */
    boolean namesModel() {
        return model != null;
    }

    int parallelism() throws CommandException {
        if (parallelism < 1 || parallelism > MAX_PARALLELISM) {
            throw CommandException.usage(
                    "--parallelism is from 1 to " + MAX_PARALLELISM + ", not " + parallelism);
        }
        return parallelism;
    }

    /** What sessions with these options are told. */
    SessionSettings settings(SpeechModels models) throws CommandException {
        return new SessionSettings(
                models,
                models.language(language.toLowerCase(Locale.ROOT)),
                prompt,
                vocabularyTerms(),
                channels,
                realtime);
    }

    private List<String> vocabularyTerms() throws CommandException {
        if (vocabulary == null) {
            return List.of();
        }
        try {
            return Files.readAllLines(vocabulary).stream()
                    .map(String::strip)
                    .filter(term -> !term.isEmpty())
                    .toList();
        } catch (NoSuchFileException e) {
            throw CommandException.usage(
                    "--vocabulary " + vocabulary + ": there is no such file; correct the path");
        } catch (MalformedInputException e) {
            throw CommandException.usage(
                    "--vocabulary "
                            + vocabulary
                            + " is not a text file in UTF-8; save it as one, a term a line");
        } catch (IOException e) {
            throw CommandException.usage(
                    "--vocabulary "
                            + vocabulary
                            + " cannot be read ("
                            + e.getMessage()
                            + "); check that it is a file and that you may read it");
        }
    }

    /** Reads the modes as the command line writes them. */
    static final class ChannelModeConverter implements ITypeConverter<ChannelMode> {
        @Override
        public ChannelMode convert(String value) {
            return switch (value) {
                case "auto" -> ChannelMode.AUTO;
                case "mix" -> ChannelMode.MIX;
                case "separate" -> ChannelMode.SEPARATE;
                default ->
                        throw new TypeConversionException(
                                "expected auto, mix or separate, but got '" + value + "'");
            };
        }
    }
}
