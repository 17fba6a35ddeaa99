package dev.omniflow.jobs;

import dev.omniflow.flink.StatefulInference;
import dev.omniflow.jobs.internal.CaptionsInference;
import dev.omniflow.jobs.internal.EmissionStamp;
import dev.omniflow.jobs.internal.MediaEventOrder;
import dev.omniflow.jobs.internal.MediaRecordDeserializer;
import dev.omniflow.jobs.internal.RolloutTopology;
import dev.omniflow.jobs.internal.Sinks;
import dev.omniflow.schemas.DeadLetter;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.Topics;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Either;
import org.apache.flink.util.ParameterTool;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * From media events to captions:
 *
 * <pre>
 * omni.media -> read -> by session -> captions (stateful inference) -> stamp -> omni.live     (at once, at least once)
 *                 \                                                       \---> omni.captions (record, exactly once)
 *                  \-> omni.deadletter                                     \--> omni.usage    (record, exactly once)
 * </pre>
 *
 * <p>Beside it, unless an option says otherwise, models that change while it runs: {@link
 * RolloutTopology}.
 */
public final class CaptionsJob {
    private CaptionsJob() {}

    /** Runs the job on the cluster that it is submitted to; options come as {@code --key value}. */
    public static void main(String[] args) throws Exception {
        Configuration options = Configuration.fromMap(ParameterTool.fromArgs(args).toMap());
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(options);
        define(env, options);
        env.execute("omniflow captions");
    }

    /** Adds the topology to an environment. */
    public static void define(StreamExecutionEnvironment env, ReadableConfig options) {
        String brokers = required(options, CaptionsJobOptions.BOOTSTRAP_SERVERS);
        required(options, CaptionsJobOptions.BUNDLES);
        sanityCheck(options);
        // Records leave as they come: nobody waits for a buffer to fill.
        env.setBufferTimeout(0);
        env.getConfig().enableObjectReuse();

        TypeInformation<MediaEvent> mediaType = new AvroTypeInfo<>(MediaEvent.class);
        TypeInformation<OutputEvent> outputType = new AvroTypeInfo<>(OutputEvent.class);
        TypeInformation<DeadLetter> deadLetterType = new AvroTypeInfo<>(DeadLetter.class);

        SingleOutputStreamOperator<Either<MediaEvent, DeadLetter>> records =
                env.fromSource(source(brokers), watermarks(options), "read " + Topics.MEDIA)
                        .uid("media-source");
        records.filter(Either::isRight)
                .uid("unreadable-records")
                .map(Either::right)
                .returns(deadLetterType)
                .uid("dead-letters")
                .sinkTo(Sinks.deadLetters(brokers))
                .name("write " + Topics.DEAD_LETTER)
                .uid("dead-letter-sink");
        KeyedStream<MediaEvent, String> sessions =
                records.filter(Either::isLeft)
                        .uid("readable-records")
                        .map(Either::left)
                        .returns(mediaType)
                        .uid("media-events")
                        .keyBy(MediaEvent::getSession);

        CaptionsInference inference = new CaptionsInference(options);
        if (options.get(CaptionsJobOptions.ROLLOUTS)) {
            RolloutTopology.define(env, brokers, inference);
        }
        SingleOutputStreamOperator<OutputEvent> outputs =
                StatefulInference.of(inference, new MediaEventOrder())
                        .maxPendingInputs(options.get(CaptionsJobOptions.MAX_PENDING_INPUTS))
                        .unloadAfter(options.get(CaptionsJobOptions.UNLOAD_AFTER))
                        .forgetAfter(options.get(CaptionsJobOptions.FORGET_AFTER))
                        .apply("captions", sessions, outputType)
                        .uid("captions")
                        .map(new EmissionStamp())
                        .name("stamp")
                        .returns(outputType)
                        .uid("stamp");

        outputs.sinkTo(Sinks.live(brokers)).name("write " + Topics.LIVE).uid("live-sink");
        outputs.filter(output -> output.getStream() == Stream.CAPTIONS)
                .name("captions only")
                .uid("captions-stream")
                .sinkTo(Sinks.record(brokers, Topics.CAPTIONS, options))
                .name("write " + Topics.CAPTIONS)
                .uid("captions-sink");
        outputs.filter(output -> output.getStream() == Stream.USAGE)
                .name("usage only")
                .uid("usage-stream")
                .sinkTo(Sinks.record(brokers, Topics.USAGE, options))
                .name("write " + Topics.USAGE)
                .uid("usage-sink");
    }

    @SuppressWarnings("deprecation") // OffsetResetStrategy: the connector still asks for it
    private static KafkaSource<Either<MediaEvent, DeadLetter>> source(String brokers) {
        return KafkaSource.<Either<MediaEvent, DeadLetter>>builder()
                .setBootstrapServers(brokers)
                .setTopics(Topics.MEDIA)
                .setGroupId("omniflow-captions")
                .setStartingOffsets(
                        OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setDeserializer(new MediaRecordDeserializer())
                .build();
    }

    private static WatermarkStrategy<Either<MediaEvent, DeadLetter>> watermarks(
            ReadableConfig options) {
        return WatermarkStrategy.<Either<MediaEvent, DeadLetter>>forBoundedOutOfOrderness(
                        options.get(CaptionsJobOptions.MAX_OUT_OF_ORDER))
                .withTimestampAssigner(
                        (record, kafkaTime) ->
                                record.isLeft()
                                        ? record.left().getIngestTimeUs() / 1000
                                        : kafkaTime)
                .withIdleness(options.get(CaptionsJobOptions.IDLE_PARTITION));
    }

    /** Says what is wrong where the job is defined, not when a task manager trips over it. */
    private static void sanityCheck(ReadableConfig options) {
        requireAtLeast(0, CaptionsJobOptions.LANES, options);
        requireAtLeast(1, CaptionsJobOptions.THREADS_PER_CALL, options);
        requireAtLeast(1, CaptionsJobOptions.SEATS, options);
        requireAtLeast(0, CaptionsJobOptions.MAX_BATCH_SIZE, options);
        requireAtLeast(1, CaptionsJobOptions.MAX_PENDING_INPUTS, options);
        Duration timeout = options.get(CaptionsJobOptions.TRANSACTION_TIMEOUT);
        if (timeout.toMillis() < 1 || timeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    CaptionsJobOptions.TRANSACTION_TIMEOUT.key()
                            + " is "
                            + timeout
                            + ", but Kafka takes 1 ms to "
                            + Duration.ofMillis(Integer.MAX_VALUE).toDays()
                            + " days");
        }
        if (options.get(CaptionsJobOptions.TRANSACTIONAL_ID_PREFIX).isBlank()) {
            throw new IllegalArgumentException(
                    CaptionsJobOptions.TRANSACTIONAL_ID_PREFIX.key()
                            + " is empty: jobs on one Kafka cluster would fence each other");
        }
    }

    private static void requireAtLeast(
            int least, ConfigOption<Integer> option, ReadableConfig options) {
        int value = options.get(option);
        if (value < least) {
            throw new IllegalArgumentException(
                    option.key() + " is " + value + ", not " + least + " or more");
        }
    }

    private static <T> T required(ReadableConfig options, ConfigOption<T> option) {
        return options.getOptional(option)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "the option "
                                                + option.key()
                                                + " is missing: see "
                                                + CaptionsJobOptions.class.getSimpleName()));
    }
}
