package dev.omniflow.app.bench.recovery;

import dev.omniflow.app.OmniflowHome;
import dev.omniflow.app.caption.SpeechModels;
import dev.omniflow.app.runtime.EmbeddedJob;
import dev.omniflow.app.runtime.EmbeddedRuntime;
import dev.omniflow.app.runtime.EmbeddedRuntimeOptions;
import dev.omniflow.app.runtime.KafkaTopics;
import dev.omniflow.jobs.CaptionsJob;
import dev.omniflow.jobs.CaptionsJobOptions;
import dev.omniflow.schemas.Fault;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.StreamEnd;
import dev.omniflow.schemas.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Plays a recorded media topic, byte for byte, to the captions job in this process, where nothing
 * is killed, and tells what it wrote.
 */
final class FaultFreeRun implements AutoCloseable {
    private static final int PARALLELISM = 2;
    private static final Duration POLL = Duration.ofMillis(500);

    private final SpeechModels models;
    private final EmbeddedRuntime runtime;

    private FaultFreeRun(SpeechModels models, EmbeddedRuntime runtime) {
        this.models = models;
        this.runtime = runtime;
    }

    /** Takes the log over from the broker on which it was recorded; that may end then. */
    static FaultFreeRun record(OmniflowHome home, SpeechModels models, String brokers)
            throws IOException, InterruptedException {
        FaultFreeRun run =
                new FaultFreeRun(
                        models,
                        EmbeddedRuntime.start(
                                new EmbeddedRuntimeOptions(
                                        home.run(),
                                        PARALLELISM,
                                        KafkaTopics.ofCaptions(PARALLELISM),
                                        Duration.ofSeconds(1))));
        try {
            copy(brokers, run.runtime.bootstrapServers());
            return run;
        } catch (IOException | InterruptedException | RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private static void copy(String from, String to) throws IOException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                to,
                                "acks",
                                "all",
                                "enable.idempotence",
                                true,
                                "compression.type",
                                "lz4"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            TopicReader.read(
                    from,
                    Topics.MEDIA,
                    record ->
                            sent.add(
                                    producer.send(
                                            new ProducerRecord<>(
                                                    Topics.MEDIA, record.key(), record.value()))));
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("the recorded log cannot be copied", e.getCause());
        }
    }

    /**
     * Plays it.
     *
     * @param sessions all that the log holds
     * @param limit most time to wait for them
     * @throws IOException if the job failed, a session did, or it takes too long
     */
    Outputs play(Collection<String> sessions, Duration limit)
            throws IOException, InterruptedException {
        String brokers = runtime.bootstrapServers();
        EmbeddedJob job =
                runtime.submit(environment -> CaptionsJob.define(environment, options(brokers)));
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            List<OutputEvent> captions = TopicReader.outputs(brokers, Topics.CAPTIONS);
            Set<String> left = new HashSet<>(sessions);
            for (OutputEvent output : captions) {
                if (output.getPayload() instanceof Fault fault) {
                    throw new IOException(
                            "session "
                                    + output.getSession()
                                    + " failed in the fault-free run too: "
                                    + fault.getMessage());
                }
                if (output.getPayload() instanceof StreamEnd) {
                    left.remove(output.getSession());
                }
            }
            if (left.isEmpty()) {
                List<OutputEvent> record = new ArrayList<>(captions);
                record.addAll(usage(brokers, sessions.size(), deadline));
                return new Outputs(record, TopicReader.outputs(brokers, Topics.LIVE));
            }
            if (job.ended().isDone()) {
                throw new IOException(
                        "the fault-free run failed",
                        job.ended().join().orElseGet(() -> new IOException("it was cancelled")));
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "the fault-free run has not ended after "
                                + limit.toSeconds()
                                + " s: "
                                + left.size()
                                + " sessions are left");
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    /** It is committed apart from the captions, and may be a moment late. */
    private static List<OutputEvent> usage(String brokers, int sessions, long deadline)
            throws IOException, InterruptedException {
        while (true) {
            List<OutputEvent> usage = TopicReader.outputs(brokers, Topics.USAGE);
            long ended =
                    usage.stream()
                            .filter(output -> output.getStream() == Stream.USAGE)
                            .filter(output -> output.getPayload() instanceof StreamEnd)
                            .count();
            if (ended >= sessions) {
                return usage;
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "the fault-free run wrote usage of "
                                + ended
                                + " sessions only, out of "
                                + sessions);
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    private Configuration options(String brokers) {
        Configuration options = new Configuration();
        options.set(CaptionsJobOptions.BOOTSTRAP_SERVERS, brokers);
        options.set(CaptionsJobOptions.BUNDLES, models.folders());
        options.set(CaptionsJobOptions.ROLLOUTS, false);
        return options;
    }

    @Override
    public void close() {
        runtime.close();
    }
}
