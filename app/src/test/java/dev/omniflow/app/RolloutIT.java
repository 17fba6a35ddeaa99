package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.app.runtime.EmbeddedJob;
import dev.omniflow.app.runtime.EmbeddedRuntime;
import dev.omniflow.app.runtime.EmbeddedRuntimeOptions;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.flink.Inference;
import dev.omniflow.flink.internal.SharedInference;
import dev.omniflow.ingest.ChannelMode;
import dev.omniflow.ingest.MediaChunk;
import dev.omniflow.ingest.MediaDecoder;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.ingest.ModelDirectory;
import dev.omniflow.ingest.SessionPublisher;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.jobs.internal.CaptionsInference;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.SessionStart;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.Topics;
import dev.omniflow.sinks.kafka.SessionOutputs;
import dev.omniflow.sinks.kafka.StartPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models change under sessions that run: the command, the broker, the job and the real models. */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class RolloutIT {
    private static final String ROLE = "speech-recognition";
    private static final String NAME = "whisper-tiny.en";
    private static final String OLD = NAME + "@1.0.0";
    private static final String NEW = NAME + "@1.0.1";
    private static final String VOICE_ACTIVITY = "silero-vad@1.0.0";
    private static final int FRAME = MediaDecoder.SAMPLE_RATE / 2;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    @TempDir private static Path folder;

    private static short[] speech;
    private static Configuration options;
    private static EmbeddedRuntime runtime;
    private static EmbeddedJob job;
    private static String servers;
    private static ModelDirectory directory;
    private static MediaPublisher publisher;

    /** Outputs of sessions as they came, for {@link #outputs}. */
    private static final Map<String, List<OutputEvent>> OUTPUTS = new TreeMap<>();

    private static SessionOutputs record;

    @BeforeAll
    static void start() throws Exception {
        OmniflowHome home = RealThings.home();
        Main.configureLibraries(home, home.logs().resolve("rollout-it.log"));
        speech = speech();
        Path made = home.bundles().resolve(NAME).resolve("1.0.0");
        copy(made, "1.0.1");
        Path damaged = copy(made, "1.0.2").resolve("decoder.onnx");
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        Files.write(damaged, bytes);
        Path unloadable = copy(made, "1.0.3");
        Files.writeString(unloadable.resolve("encoder.onnx"), "no graph");
        replaceInDescription(
                unloadable,
                "encoder.onnx: \"[0-9a-f]{64}\"",
                "encoder.onnx: \"" + sha256("no graph") + "\"");

        runtime =
                EmbeddedRuntime.start(
                        new EmbeddedRuntimeOptions(
                                folder.resolve("run"),
                                2,
                                KafkaTopics.ofCaptions(2),
                                Duration.ofMillis(300)));
        servers = runtime.bootstrapServers();
        options = new Configuration();
        options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, servers);
        // What nobody uses any more is seen to go.
        options.set(CaptionsJobOptions.KEEP_FOR, Duration.ZERO);
        options.set(
                CaptionsJobOptions.BUNDLES,
                List.of(
                        home.bundles().resolve("silero-vad").resolve("1.0.0").toString(),
                        made.toString()));
        options.set(
                CaptionsJobOptions.BUNDLE_LIBRARIES, List.of(folder.resolve("library").toString()));
        job = runtime.submit(environment -> CaptionsJob.define(environment, options));
        directory = ModelDirectory.connect(servers, Map.of());
        publisher =
                MediaPublisher.connect(
                        servers,
                        Map.of(),
                        directory.withDefaults(
                                Map.of(ROLE, OLD, "voice-activity", VOICE_ACTIVITY)));
        record =
                SessionOutputs.connect(
                        servers,
                        Topics.CAPTIONS,
                        StartPosition.EARLIEST,
                        session -> true,
                        Map.of());
    }

    @AfterAll
    static void end() {
        record.close();
        publisher.close();
        directory.close();
        job.cancel();
        runtime.close();
    }

    private static Path copy(Path bundle, String version) throws IOException {
        Path target = folder.resolve("library").resolve(NAME).resolve(version);
        Files.createDirectories(target);
        try (java.util.stream.Stream<Path> files = Files.list(bundle)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        replaceInDescription(target, "version: \"1.0.0\"", "version: \"" + version + "\"");
        return target;
    }

    private static void replaceInDescription(Path bundle, String pattern, String by)
            throws IOException {
        Path description = bundle.resolve("bundle.yaml");
        String text = Files.readString(description);
        String changed = text.replaceFirst(pattern, by);
        assertThat(changed).isNotEqualTo(text);
        Files.writeString(description, changed);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /** The first 14 s of the recording. */
    private static short[] speech() throws Exception {
        short[] samples = {};
        try (MediaDecoder decoder = MediaDecoder.open(RealThings.speech(), ChannelMode.MIX)) {
            while (samples.length < 14 * MediaDecoder.SAMPLE_RATE
                    && decoder.next().orElseThrow() instanceof MediaChunk.Samples next) {
                int from = samples.length;
                samples = Arrays.copyOf(samples, from + (int) next.length());
                System.arraycopy(next.channel(0), 0, samples, from, (int) next.length());
            }
        }
        return samples;
    }

    @BeforeEach
    void theOldOneIsTheStandard() throws Exception {
        accepted(OLD);
        await(() -> directory.routing().of(ROLE).standard(), Optional.of(OLD));
        await(RolloutIT::loaded, List.of(VOICE_ACTIVITY, OLD));
    }

    // ---- the command

    private static CapturedConsole rollOut(int exitCode, String bundle, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("--bootstrap-servers", servers, "--bundle", bundle));
        arguments.addAll(List.of(more));
        CapturedConsole console = new CapturedConsole();
        int code =
                CommandLines.run(
                        console.console(),
                        RealThings.home(),
                        "rollout",
                        arguments.toArray(String[]::new));
        assertThat(code).as("%s %s", console.out(), console.errorLines()).isEqualTo(exitCode);
        return console;
    }

    private static void accepted(String bundle, String... more) {
        assertThat(rollOut(0, bundle, more).out()).startsWith("accepted: " + bundle);
    }

    private static void refused(String bundle, String reason, String... more) {
        assertThat(rollOut(1, bundle, more).errorLines())
                .hasSize(1)
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .startsWith("omniflow: refused, nothing has changed: ")
                                        .contains(reason));
    }

    // ---- what is loaded, in this process as the task manager is

    private static List<String> loaded() throws Exception {
        CaptionsInference provider = new CaptionsInference(options);
        Inference<?, ?> inference = SharedInference.acquire(provider);
        LoadedBundles<?> bundles = inference.bundles().orElseThrow();
        try {
            return bundles.loadTimes().keySet().stream().map(BundleId::toString).toList();
        } finally {
            SharedInference.release(provider, inference);
        }
    }

    private static <T> void await(Callable<T> actual, T expected) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!actual.call().equals(expected) && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        assertThat(actual.call()).isEqualTo(expected);
    }

    // ---- sessions

    private static SessionPublisher begin(String session, String tenant) throws Exception {
        SessionPublisher begun = publisher.open(session, tenant);
        begun.start(
                SessionStart.newBuilder()
                        .setProgram("captions")
                        .setModels(Map.of())
                        .setLanguage("en")
                        .build());
        return begun;
    }

    private static void speak(SessionPublisher session, int from, int to) throws Exception {
        for (int at = from; at < to; at += FRAME) {
            session.audio(
                    MediaDecoder.microseconds(at),
                    0,
                    Arrays.copyOfRange(speech, at, Math.min(at + FRAME, to)));
        }
    }

    private static void end(SessionPublisher session, int at) throws Exception {
        session.end(MediaDecoder.microseconds(at), EndReason.COMPLETED, "");
        session.close();
    }

    /** All captions of a session and its end, once that is there. */
    private static List<OutputEvent> outputs(String session) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (record.ended(session, Stream.CAPTIONS).isEmpty()) {
            assertThat(System.nanoTime()).as("%s ends", session).isLessThan(deadline);
            assertThat(job.ended()).isNotDone();
            for (OutputEvent event : record.poll(Duration.ofMillis(100))) {
                OUTPUTS.computeIfAbsent(event.getSession(), first -> new ArrayList<>()).add(event);
            }
        }
        assertThat(record.fault(session)).isEmpty();
        return OUTPUTS.get(session);
    }

    private static Set<String> models(String session) throws Exception {
        return outputs(session).stream()
                .map(OutputEvent::getModel)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> texts(String session) throws Exception {
        return outputs(session).stream()
                .filter(event -> event.getPayload() instanceof Caption)
                .map(event -> ((Caption) event.getPayload()).getText())
                .toList();
    }

    @Test
    void sessionsKeepTheirVersionAndTheOldOneUnloadsWithItsLast() throws Exception {
        int half = speech.length / 2;
        SessionPublisher before = begin("before", "acme");
        speak(before, 0, half);

        accepted(NEW);
        await(() -> directory.resolve(ROLE, "acme", "after"), Optional.of(NEW));
        SessionPublisher after = begin("after", "acme");
        speak(after, 0, speech.length);
        end(after, speech.length);
        assertThat(models("after")).containsExactly(VOICE_ACTIVITY + " " + NEW);
        assertThat(loaded()).containsExactly(VOICE_ACTIVITY, OLD, NEW);

        speak(before, half, speech.length);
        end(before, speech.length);
        assertThat(models("before")).containsExactly(VOICE_ACTIVITY + " " + OLD);
        assertThat(texts("before")).isNotEmpty().isEqualTo(texts("after"));
        await(RolloutIT::loaded, List.of(VOICE_ACTIVITY, NEW));
    }

    @Test
    void aBrokenBundleIsRefusedAndNothingChanges() throws Exception {
        refused(
                NAME + "@1.0.2",
                "file decoder.onnx of bundle whisper-tiny.en@1.0.2 is damaged: expected the sha256");
        refused(NAME + "@1.0.3", "encoder");
        refused(NAME + "@1.0.9", "bundle whisper-tiny.en@1.0.9 is not installed");
        refused(
                NEW,
                "expected a bundle of kind voice-activity, but whisper-tiny.en@1.0.1 is of kind"
                        + " speech-recognition",
                "--role",
                "voice-activity");
        refused(OLD, "is the standard", "--share", "0");

        await(RolloutIT::loaded, List.of(VOICE_ACTIVITY, OLD));
        assertThat(directory.routing().inService(ROLE)).containsExactly(OLD);
        SessionPublisher session = begin("unchanged", "acme");
        end(session, 0);
        assertThat(models("unchanged")).containsExactly(VOICE_ACTIVITY + " " + OLD);
    }

    @Test
    void onlyATenantTakesIt() throws Exception {
        accepted(NEW, "--tenant", "acme");
        await(() -> directory.resolve(ROLE, "acme", "x"), Optional.of(NEW));

        end(begin("of-acme", "acme"), 0);
        end(begin("of-globex", "globex"), 0);

        assertThat(models("of-acme")).containsExactly(VOICE_ACTIVITY + " " + NEW);
        assertThat(models("of-globex")).containsExactly(VOICE_ACTIVITY + " " + OLD);
        assertThat(listed())
                .containsExactly(
                        ROLE + "\tstandard\t" + OLD, ROLE + "\ttenant acme\t" + NEW + " 100 %");
    }

    @Test
    void aShareTakesItUntilItIsTakenOut() throws Exception {
        accepted(NEW, "--share", "30");
        await(() -> directory.routing().inService(ROLE).contains(NEW), true);
        int fresh = 0;
        for (int number = 0; number < 20; number++) {
            String session = "share-" + number;
            end(begin(session, "acme"), 0);
            String chosen = directory.resolve(ROLE, "acme", session).orElseThrow();
            assertThat(models(session)).containsExactly(VOICE_ACTIVITY + " " + chosen);
            fresh += chosen.equals(NEW) ? 1 : 0;
        }
        assertThat(fresh).isBetween(1, 19);
        assertThat(listed())
                .containsExactly(
                        ROLE + "\tstandard\t" + OLD, ROLE + "\teverybody\t" + NEW + " 30 %");

        accepted(NEW, "--share", "0");
        await(RolloutIT::loaded, List.of(VOICE_ACTIVITY, OLD));
    }

    private static List<String> listed() {
        CapturedConsole console = new CapturedConsole();
        int code =
                CommandLines.run(
                        console.console(),
                        RealThings.home(),
                        "rollout",
                        "--bootstrap-servers",
                        servers,
                        "--list");
        assertThat(code).isZero();
        return console.out().lines().toList();
    }
}
