package dev.omniflow.app.caption;

import com.fasterxml.jackson.databind.JsonNode;
import dev.omniflow.app.CommandException;
import dev.omniflow.app.OmniflowHome;
import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The bundles that caption a session.
 *
 * @param voiceActivity finds where somebody speaks
 * @param recogniser writes down what was said
 */
public record SpeechModels(Bundle voiceActivity, Bundle recogniser) {
    /** Bundles that {@code omniflow models make} makes and that recognise speech. */
    public static final List<String> RECOGNISERS = List.of("whisper-base", "whisper-tiny.en");

    private static final String VOICE_ACTIVITY = "silero-vad";
    private static final String RECOGNITION_KIND = "speech-recognition";

    /**
     * The bundles that a command names.
     *
     * @param model one of {@link #RECOGNISERS}, or the path of a folder with a bundle
     */
    public static SpeechModels find(OmniflowHome home, String model) throws CommandException {
        Bundle recogniser =
                RECOGNISERS.contains(model) ? made(home, model) : atPath(Path.of(model), model);
        if (!recogniser.kind().equals(RECOGNITION_KIND)) {
            throw CommandException.usage(
                    "--model "
                            + model
                            + " is of the kind "
                            + recogniser.kind()
                            + ", but captions need one of the kind "
                            + RECOGNITION_KIND);
        }
        return new SpeechModels(made(home, VOICE_ACTIVITY), recogniser);
    }

    /** Roles and bundles, as a session's start names them. */
    public Map<String, String> byRole() {
        return Map.of(
                "voice-activity",
                voiceActivity.id().toString(),
                RECOGNITION_KIND,
                recogniser.id().toString());
    }

    /** The folders of the bundles. */
    public List<String> folders() {
        return List.of(voiceActivity.directory().toString(), recogniser.directory().toString());
    }

    /**
     * The language that sessions are told: the one asked for, or the only one that the model knows;
     * empty to detect it.
     *
     * @param asked an ISO 639-1 code or {@code auto}
     */
    public Optional<String> language(String asked) throws CommandException {
        NavigableSet<String> known = languages();
        if (known.isEmpty()) {
            if (!asked.equals("auto") && !asked.equals("en")) {
                throw CommandException.usage(
                        "--language "
                                + asked
                                + ": the model "
                                + recogniser.id().name()
                                + " knows English alone; use --language en, or another --model");
            }
            return Optional.of("en");
        }
        if (asked.equals("auto")) {
            return Optional.empty();
        }
        if (!known.contains(asked)) {
            throw CommandException.usage(
                    "--language "
                            + asked
                            + ": the model "
                            + recogniser.id().name()
                            + " does not know this code; omniflow caption --list-languages lists"
                            + " those that it does");
        }
        return Optional.of(asked);
    }

    /** Codes of the languages that the model tells apart; empty if it knows English alone. */
    public NavigableSet<String> languages() {
        NavigableSet<String> codes = new TreeSet<>();
        JsonNode languages = recogniser.parameters().path("languages");
        languages.fieldNames().forEachRemaining(codes::add);
        return codes;
    }

    private static Bundle made(OmniflowHome home, String name) throws CommandException {
        Path versions = home.bundles().resolve(name);
        Optional<Path> newest = newest(versions);
        if (newest.isEmpty()) {
            throw CommandException.missing(
                    "the model "
                            + name
                            + " is not in "
                            + home.bundles()
                            + "; make it with: omniflow models make "
                            + name);
        }
        try {
            return BundleReader.read(newest.get());
        } catch (BundleException e) {
            throw CommandException.missing(
                    e.getMessage()
                            + "; make it again with: omniflow models clean "
                            + name
                            + " && omniflow models make "
                            + name);
        }
    }

    private static Bundle atPath(Path folder, String named) throws CommandException {
        if (!Files.isDirectory(folder)) {
            throw CommandException.usage(
                    "--model "
                            + named
                            + " is neither one of "
                            + String.join(", ", RECOGNISERS)
                            + " nor a folder with a bundle.yaml");
        }
        try {
            return BundleReader.read(folder);
        } catch (BundleException e) {
            throw CommandException.usage("--model " + named + ": " + e.getMessage());
        }
    }

    private static Optional<Path> newest(Path versions) {
        if (!Files.isDirectory(versions)) {
            return Optional.empty();
        }
        try (Stream<Path> entries = Files.list(versions)) {
            return entries.filter(entry -> Files.isRegularFile(entry.resolve("bundle.yaml")))
                    .filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .max(Comparator.comparing(SpeechModels::sortKey));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the folder " + versions, e);
        }
    }

    /** A version such that 1.10.0 sorts after 1.9.0. */
    private static String sortKey(Path folder) {
        List<String> parts =
                new ArrayList<>(Arrays.asList(folder.getFileName().toString().split("\\.", -1)));
        return parts.stream()
                .map(part -> "0".repeat(Math.max(0, 8 - part.length())) + part)
                .collect(Collectors.joining("."));
    }
}
