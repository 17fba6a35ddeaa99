package dev.omniflow.ingest.internal;

import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN;

import dev.omniflow.ingest.MediaChunk;
import dev.omniflow.ingest.MediaDecoder;
import dev.omniflow.ingest.MediaInfo;
import dev.omniflow.ingest.MediaUnreadableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * The best audio stream of a file, demuxed, decoded, resampled and laid on the time line.
 *
 * <p>Channels come out as they are in the file, but a source of more than two is mixed to one
 * unless all are asked for. Single-threaded, and so is its codec: the same file gives the same
 * samples. Owns native memory.
 */
public final class AudioSource implements AutoCloseable {
    /** Less than this is no truncation: headers round, encoders pad. */
    private static final long MISSING_TOLERANCE = MediaDecoder.SAMPLE_RATE / 2;

    /** Less than this is no truncation of a file: writers disagree about padding. */
    private static final long MAX_SLACK_BYTES = 1024;

    private final Path file;

    /** By how much the file is shorter than it says itself; 0 if it is not, or does not say. */
    private final long missingBytes;

    private final AVFormatContext format = new AVFormatContext(null);
    private final AVRational sampleTime = new AVRational();
    private final AVRational microsecond = new AVRational();
    private final AVPacket packet = avcodec.av_packet_alloc();
    private final AVFrame frame = avutil.av_frame_alloc();
    private @Nullable AVCodecContext codec;
    private @Nullable AVStream stream;
    private @Nullable Resampler resampler;
    private @Nullable Timeline timeline;
    private int streamIndex;
    private int channels;
    private @Nullable MediaInfo info;
    private @Nullable Long headerLength;

    /** What was laid on the time line and not yet fetched. */
    private final ArrayDeque<MediaChunk> ready = new ArrayDeque<>();

    /** Where the samples of the current run begin, were none of them dropped. */
    private long runPosition;

    /** End of what was laid on the time line. */
    private long written;

    private long sampleCount;
    private boolean begun;
    private boolean draining;
    private boolean ended;

    private int readError;
    private int damagedPackets;
    private long firstDamage;
    private int lastDecodeError;
    private boolean closed;

    private AudioSource(Path file, long missingBytes) {
        this.file = file;
        this.missingBytes = missingBytes;
        sampleTime.num(1).den(MediaDecoder.SAMPLE_RATE);
        microsecond.num(1).den(1_000_000);
    }

    /**
     * Opens a file as far as its headers.
     *
     * @param keepChannels whether a source of more than two channels keeps them
     */
    public static AudioSource open(Path file, boolean keepChannels)
            throws MediaUnreadableException {
        UnreadableFiles.check(file);
        LibAv.load();
        AudioSource source = new AudioSource(file, missingBytes(file));
        try {
            source.openFormat();
            source.openCodec(keepChannels);
            return source;
        } catch (MediaUnreadableException | RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    private static long missingBytes(Path file) throws MediaUnreadableException {
        OptionalLong declared = UnreadableFiles.declaredBytes(file);
        try {
            return declared.isEmpty() ? 0 : Math.max(0, declared.getAsLong() - Files.size(file));
        } catch (IOException e) {
            throw new MediaUnreadableException(
                    file, "its size cannot be read (" + e.getMessage() + ")", "check the disk");
        }
    }

    private void openFormat() throws MediaUnreadableException {
        // "file:" keeps a name like "http:x" from being taken for an address, and the white list
        // keeps play lists from opening anything that is not a file.
        String url = "file:" + file.toAbsolutePath();
        AVDictionary options = new AVDictionary(null);
        try (BytePointer name = new BytePointer(url, StandardCharsets.UTF_8)) {
            avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
            int opened = avformat.avformat_open_input(format, name, null, options);
            if (opened < 0) {
                throw UnreadableFiles.refused(file, opened);
            }
        } finally {
            avutil.av_dict_free(options);
        }
        int probed = avformat.avformat_find_stream_info(format, (AVDictionary) null);
        if (probed < 0) {
            throw UnreadableFiles.refused(file, probed);
        }
    }

    private void openCodec(boolean keepChannels) throws MediaUnreadableException {
        int best =
                avformat.av_find_best_stream(
                        format, avutil.AVMEDIA_TYPE_AUDIO, -1, -1, (AVCodec) null, 0);
        if (best < 0) {
            throw withoutSound();
        }
        streamIndex = best;
        stream = format.streams(best);
        headerLength = readHeaderLength(stream);
        for (int i = 0; i < format.nb_streams(); i++) {
            if (i != best) {
                format.streams(i).discard(avcodec.AVDISCARD_ALL);
            }
        }
        int codecId = stream.codecpar().codec_id();
        String codecName = avcodec.avcodec_get_name(codecId).getString();
        AVCodec decoder = avcodec.avcodec_find_decoder(codecId);
        if (decoder == null || decoder.isNull()) {
            throw new MediaUnreadableException(
                    file,
                    "its sound is coded as \"" + codecName + "\", which this build cannot decode",
                    "convert it to WAV, FLAC, AAC or Opus");
        }
        codec = avcodec.avcodec_alloc_context3(decoder);
        LibAv.check(
                avcodec.avcodec_parameters_to_context(codec, stream.codecpar()),
                "avcodec_parameters_to_context");
        codec.pkt_timebase(stream.time_base());
        codec.thread_count(1);
        int opened = avcodec.avcodec_open2(codec, decoder, (AVDictionary) null);
        if (opened < 0) {
            throw new MediaUnreadableException(
                    file,
                    "its sound, coded as \""
                            + codecName
                            + "\", cannot be decoded ("
                            + LibAv.describe(opened)
                            + ")",
                    "check that it plays, or convert it to WAV");
        }
        int sourceChannels = Math.max(1, stream.codecpar().ch_layout().nb_channels());
        channels = keepChannels || sourceChannels <= 2 ? sourceChannels : 1;
        info =
                new MediaInfo(
                        format.iformat().name().getString(),
                        codecName,
                        stream.codecpar().sample_rate(),
                        sourceChannels,
                        Optional.ofNullable(shownLength()).map(MediaDecoder::duration));
    }

    private MediaUnreadableException withoutSound() {
        boolean picture = false;
        for (int i = 0; i < format.nb_streams(); i++) {
            picture |=
                    format.streams(i).codecpar().codec_type() == avutil.AVMEDIA_TYPE_VIDEO
                            && format.streams(i).codecpar().width() > 0;
        }
        if (!picture || format.iformat().name().getString().equals("tty")) {
            return UnreadableFiles.refused(file, avutil.AVERROR_STREAM_NOT_FOUND);
        }
        return new MediaUnreadableException(
                file, "it has a picture but no sound", "name a file with an audio track");
    }

    /** The error for a file of which {@link #next} gave no sample. */
    public MediaUnreadableException nothingDecoded() {
        int error = readError != 0 ? readError : lastDecodeError;
        if (error == 0) {
            return new MediaUnreadableException(
                    file,
                    "its sound track is empty (0 s)",
                    "check the recording or the copy that made it");
        }
        return new MediaUnreadableException(
                file,
                "none of its sound can be decoded (" + LibAv.describe(error) + ")",
                "it is damaged or cut short: copy or record it again");
    }

    /** What the headers say. */
    public MediaInfo info() {
        return value(info);
    }

    /** Channels of every {@link MediaChunk.Samples}. */
    public int channels() {
        return channels;
    }

    /** The next piece of the time line; empty at the end. */
    public Optional<MediaChunk> next() {
        if (closed) {
            throw new IllegalStateException(file + " is closed");
        }
        while (ready.isEmpty() && !ended) {
            pump();
        }
        return Optional.ofNullable(ready.poll());
    }

    /** Why the audio ended early, in one line; empty if it did not, or has not yet. */
    public Optional<String> truncation() {
        if (!ended) {
            return Optional.empty();
        }
        Long expected = headerLength;
        if (readError != 0) {
            return Optional.of(
                    "ended early at "
                            + seconds(written)
                            + ": the file cannot be read any further ("
                            + LibAv.describe(readError)
                            + ")");
        }
        if (expected != null
                && expected - written > MISSING_TOLERANCE
                && expected - written > expected / 50) {
            return Optional.of(
                    "ended early at "
                            + seconds(written)
                            + " of "
                            + seconds(expected)
                            + ": the file is cut short");
        }
        if (missingBytes > MAX_SLACK_BYTES) {
            return Optional.of(
                    "ended early at "
                            + seconds(written)
                            + ": the file is cut short by "
                            + missingBytes
                            + " bytes");
        }
        return Optional.empty();
    }

    /** All that a person should know, one line each. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        truncation().ifPresent(warnings::add);
        if (damagedPackets > 0) {
            warnings.add(
                    damagedPackets
                            + (damagedPackets == 1 ? " packet" : " packets")
                            + " could not be decoded, the first at "
                            + seconds(firstDamage));
        }
        int resets = timeline == null ? 0 : timeline.resets();
        if (resets > 0) {
            warnings.add(
                    "the time stamps leap "
                            + (resets == 1 ? "once" : resets + " times")
                            + " by more than a recording can: taken as continuous there");
        }
        return warnings;
    }

    /** Length of the audio, in samples, where the header can be trusted to know it. */
    private @Nullable Long readHeaderLength(AVStream audio) {
        if (format.duration_estimation_method() == avformat.AVFMT_DURATION_FROM_BITRATE) {
            return null;
        }
        if (audio.duration() != avutil.AV_NOPTS_VALUE && audio.duration() > 0) {
            return avutil.av_rescale_q(audio.duration(), audio.time_base(), sampleTime);
        }
        if (format.nb_streams() == 1
                && format.duration() != avutil.AV_NOPTS_VALUE
                && format.duration() > 0) {
            return avutil.av_rescale_q(format.duration(), microsecond, sampleTime);
        }
        return null;
    }

    /** Length to show to people, which may be that of the whole file. */
    private @Nullable Long shownLength() {
        if (headerLength != null) {
            return headerLength;
        }
        long duration = format.duration();
        return duration == avutil.AV_NOPTS_VALUE || duration <= 0
                ? null
                : avutil.av_rescale_q(duration, microsecond, sampleTime);
    }

    /** One step: a frame out of the codec, or a packet into it. */
    private void pump() {
        AVCodecContext context = value(codec);
        int received = avcodec.avcodec_receive_frame(context, frame);
        if (received >= 0) {
            try {
                accept();
            } finally {
                avutil.av_frame_unref(frame);
            }
            return;
        }
        if (received == avutil.AVERROR_EOF || (draining && received != AVERROR_EAGAIN())) {
            finish();
            return;
        }
        if (received != AVERROR_EAGAIN()) {
            damaged(received);
        }
        if (draining) {
            finish();
            return;
        }
        feed(context);
    }

    private void feed(AVCodecContext context) {
        int read = avformat.av_read_frame(format, packet);
        if (read < 0) {
            if (read != avutil.AVERROR_EOF) {
                readError = read;
            }
            draining = true;
            int flushed = avcodec.avcodec_send_packet(context, null);
            if (flushed < 0 && flushed != avutil.AVERROR_EOF) {
                damaged(flushed);
            }
            return;
        }
        try {
            if (packet.stream_index() == streamIndex) {
                int sent = avcodec.avcodec_send_packet(context, packet);
                if (sent < 0) {
                    damaged(sent);
                }
            }
        } finally {
            avcodec.av_packet_unref(packet);
        }
    }

    private void damaged(int error) {
        if (damagedPackets++ == 0) {
            firstDamage = written;
        }
        lastDecodeError = error;
    }

    /** Lays the frame on the time line. */
    private void accept() {
        if (frame.nb_samples() <= 0) {
            return;
        }
        AVStream audio = value(stream);
        long stamp = frame.best_effort_timestamp();
        boolean stamped = stamp != avutil.AV_NOPTS_VALUE;
        long position = stamped ? avutil.av_rescale_q(stamp, audio.time_base(), sampleTime) : 0;
        if (!begun) {
            begun = true;
            timeline = new Timeline(origin(stamped, position));
            timeline.begin(0, frame.sample_rate());
        }
        Timeline line = value(timeline);
        if (resampler != null && !resampler.fits(frame)) {
            beginRun(line, line.expected());
        }
        if (stamped && line.judge(position) == Timeline.Verdict.JUMPS) {
            beginRun(line, line.position(position));
        }
        if (resampler == null) {
            resampler = new Resampler(frame, channels);
        }
        line.take(frame.nb_samples());
        emit(resampler.convert(frame));
    }

    private void beginRun(Timeline line, long position) {
        endRun();
        long hole = position - written;
        if (hole > 0) {
            ready.add(
                    new MediaChunk.Hole(
                            written,
                            hole,
                            sampleCount == 0
                                    ? "the sound starts later than the picture"
                                    : "the file holds no sound here"));
            written = position;
        }
        runPosition = position;
        line.begin(position, frame.sample_rate());
    }

    private void endRun() {
        if (resampler != null) {
            try {
                emit(resampler.flush());
            } finally {
                resampler.close();
                resampler = null;
            }
        }
    }

    /** The stamp of media time 0: that of the file, unless the audio says that it is nonsense. */
    private long origin(boolean stamped, long position) {
        if (!stamped || format.start_time() == avutil.AV_NOPTS_VALUE) {
            return position;
        }
        long start = avutil.av_rescale_q(format.start_time(), microsecond, sampleTime);
        long lead = position - start;
        return lead > Timeline.TOLERANCE && lead <= Timeline.MAX_HOLE ? start : position;
    }

    /** Appends samples of the run, less those that lie before what is already there. */
    private void emit(short[][] samples) {
        int count = samples[0].length;
        int skip = (int) Math.max(0, Math.min(count, written - runPosition));
        runPosition += count;
        if (skip == count) {
            return;
        }
        if (skip > 0) {
            for (int c = 0; c < samples.length; c++) {
                samples[c] = Arrays.copyOfRange(samples[c], skip, count);
            }
        }
        ready.add(new MediaChunk.Samples(written, samples));
        written += count - skip;
        sampleCount += count - skip;
    }

    private void finish() {
        endRun();
        ended = true;
    }

    private static String seconds(long position) {
        Duration duration = MediaDecoder.duration(position);
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    private static <T> T value(@Nullable T field) {
        if (field == null) {
            throw new IllegalStateException("used before it was opened");
        }
        return field;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (resampler != null) {
            resampler.close();
        }
        if (codec != null) {
            avcodec.avcodec_free_context(codec);
        }
        avformat.avformat_close_input(format);
        avcodec.av_packet_free(packet);
        avutil.av_frame_free(frame);
        sampleTime.close();
        microsecond.close();
    }
}
