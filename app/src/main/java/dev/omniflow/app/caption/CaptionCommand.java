package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.sinks.captions.CaptionFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code omniflow caption}. */
@Command(
        name = "caption",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Captions audio and video files: captions on the standard output, all else on the"
                    + " standard error.",
            "Several files are several sessions at the same time; their captions come grouped by"
                    + " file, in the order of the files."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed, for a reason inside Omniflow or this machine",
            "2:bad usage, or a file that cannot be read; the other files were still done",
            "3:a model is missing",
            "130:interrupted"
        })
public final class CaptionCommand implements Callable<Integer> {
    private final Console console;
    private final OmniflowHome home;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "Audio or video file.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "vtt",
            converter = FormatConverter.class,
            description = "vtt, srt, jsonl or txt. Default: ${DEFAULT-VALUE}")
    private CaptionFormat format = CaptionFormat.VTT;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PATH",
            description =
                    "Write to this file; or, if it is a folder or ends in /, to a file for each"
                            + " input there, named like it.")
    private @Nullable String output;

    @Mixin private SpeechOptions speech = new SpeechOptions();

    @Option(
            names = "--list-languages",
            description = "Print the language codes that the model knows, and end.")
    private boolean listLanguages;

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT",
            description =
                    "Use the captions job of a cluster whose Kafka is there, instead of one of its"
                            + " own. Unless --model says otherwise, its rollouts choose the model.")
    private @Nullable String brokers;

    /**
     * @param console where it writes
     * @param home where models and run data lie
     */
    public CaptionCommand(Console console, OmniflowHome home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        SpeechModels models = speech.models(home);
        if (listLanguages) {
            console.print(
                    models.languages().isEmpty()
                            ? "en\n"
                            : String.join("\n", models.languages()) + "\n");
            return ExitCode.OK;
        }
        if (files.isEmpty()) {
            throw CommandException.usage(
                    "name at least one audio or video file; see omniflow caption --help");
        }
        SessionSettings named = speech.settings(models);
        SessionSettings settings =
                brokers == null || speech.namesModel() ? named : named.asRouted();
        CaptionBatch batch = new CaptionBatch(console, files, settings, format, targets());
        String elsewhere = brokers;
        return batch.run(
                () ->
                        elsewhere == null
                                ? CaptionService.start(home, models, speech.parallelism(), false)
                                : CaptionService.connect(elsewhere, models.byRole()));
    }

    /** Where the captions of each file go; whatever is wrong with it is found before the start. */
    private CaptionBatch.Targets targets() throws CommandException {
        speech.parallelism();
        if (output == null) {
            PrintedDocuments printed =
                    new PrintedDocuments(
                            console, format, files.stream().map(Path::toString).toList());
            return printed::target;
        }
        List<Path> paths = outputPaths(output);
        return index -> new FileTarget(paths.get(index));
    }

    private List<Path> outputPaths(String named) throws CommandException {
        Path path = Path.of(named);
        boolean folder = named.endsWith("/") || Files.isDirectory(path);
        if (!folder && files.size() > 1) {
            throw CommandException.usage(
                    "-o "
                            + named
                            + " is one file, but there are "
                            + files.size()
                            + " inputs; name a folder (one that is there, or ending in /)");
        }
        try {
            if (folder) {
                Files.createDirectories(path);
            } else if (path.toAbsolutePath().getParent() != null
                    && !Files.isDirectory(path.toAbsolutePath().getParent())) {
                throw CommandException.usage(
                        "-o "
                                + named
                                + ": there is no folder "
                                + path.toAbsolutePath().getParent()
                                + "; make it first");
            }
        } catch (IOException e) {
            throw CommandException.usage(
                    "-o " + named + ": the folder cannot be made (" + e.getMessage() + ")");
        }
        if (!folder) {
            return List.of(path);
        }
        Map<Path, Path> inputs = new HashMap<>();
        List<Path> paths = new ArrayList<>();
        for (Path file : files) {
            Path target = path.resolve(baseName(file) + "." + format.extension());
            Path other = inputs.putIfAbsent(target, file);
            if (other != null) {
                throw CommandException.usage(
                        "the captions of "
                                + other
                                + " and of "
                                + file
                                + " would both go to "
                                + target
                                + "; caption them one at a time");
            }
            paths.add(target);
        }
        return paths;
    }

    /** The name of a file without its extension. */
    static String baseName(Path file) {
        Path fileName = file.getFileName();
        String name = fileName == null ? "captions" : fileName.toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /** Reads the formats as the command line writes them. */
    static final class FormatConverter implements ITypeConverter<CaptionFormat> {
        @Override
        public CaptionFormat convert(String value) {
            return CaptionFormat.of(value)
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            "expected vtt, srt, jsonl or txt, but got '"
                                                    + value
                                                    + "'"));
        }
    }
}
