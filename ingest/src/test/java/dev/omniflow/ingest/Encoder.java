package dev.omniflow.ingest;

import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.LongUnaryOperator;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/** Makes files in other formats than WAV, with FFmpeg's own encoders. */
final class Encoder {
    private static final int PICTURES_A_SECOND = 10;

    private final Path file;
    private final String muxer;
    private String codec = "";
    private int rate = 16_000;
    private short[][] channels = {};
    private double pictureSeconds;
    private String movflags = "";
    private LongUnaryOperator stamps = LongUnaryOperator.identity();

    private Encoder(Path file, String muxer) {
        this.file = file;
        this.muxer = muxer;
    }

    static Encoder to(Path file, String muxer) {
        return new Encoder(file, muxer);
    }

    Encoder audio(String codec, int rate, short[]... channels) {
        this.codec = codec;
        this.rate = rate;
        this.channels = channels;
        return this;
    }

    /** Adds grey pictures for so long. */
    Encoder picture(double seconds) {
        this.pictureSeconds = seconds;
        return this;
    }

    Encoder movflags(String flags) {
        this.movflags = flags;
        return this;
    }

    /** Moves time stamps: from the index of a block's first sample to its stamp, in samples. */
    Encoder stamps(LongUnaryOperator stamps) {
        this.stamps = stamps;
        return this;
    }

    Path write() {
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
        AVFormatContext format = new AVFormatContext(null);
        check(
                avformat.avformat_alloc_output_context2(format, null, muxer, file.toString()),
                "avformat_alloc_output_context2");
        AVIOContext io = new AVIOContext(null);
        check(avformat.avio_open(io, file.toString(), avformat.AVIO_FLAG_WRITE), "avio_open");
        format.pb(io);
        AVCodecContext sound = codec.isEmpty() ? null : openSound(format);
        AVCodecContext picture = pictureSeconds > 0 ? openPicture(format) : null;
        AVDictionary options = new AVDictionary(null);
        if (!movflags.isEmpty()) {
            avutil.av_dict_set(options, "movflags", movflags, 0);
        }
        check(avformat.avformat_write_header(format, options), "avformat_write_header");
        avutil.av_dict_free(options);
        int stream = 0;
        if (sound != null) {
            writeSound(format, sound, stream++);
        }
        if (picture != null) {
            writePictures(format, picture, stream);
        }
        check(avformat.av_write_trailer(format), "av_write_trailer");
        if (sound != null) {
            avcodec.avcodec_free_context(sound);
        }
        if (picture != null) {
            avcodec.avcodec_free_context(picture);
        }
        avformat.avio_closep(io);
        avformat.avformat_free_context(format);
        return file;
    }

    private AVCodecContext openSound(AVFormatContext format) {
        AVCodec encoder = avcodec.avcodec_find_encoder_by_name(codec);
        AVCodecContext context = avcodec.avcodec_alloc_context3(encoder);
        boolean floats = codec.equals("aac") || codec.equals("vorbis");
        context.sample_fmt(
                codec.equals("libmp3lame")
                        ? avutil.AV_SAMPLE_FMT_S16P
                        : floats ? avutil.AV_SAMPLE_FMT_FLTP : avutil.AV_SAMPLE_FMT_S16);
        context.sample_rate(rate);
        avutil.av_channel_layout_default(context.ch_layout(), channels.length);
        context.bit_rate(96_000L * channels.length);
        context.time_base().num(1).den(rate);
        context.strict_std_compliance(avcodec.FF_COMPLIANCE_EXPERIMENTAL);
        return open(format, encoder, context);
    }

    private static AVCodecContext openPicture(AVFormatContext format) {
        AVCodec encoder = avcodec.avcodec_find_encoder_by_name("mpeg4");
        AVCodecContext context = avcodec.avcodec_alloc_context3(encoder);
        context.width(64).height(64).pix_fmt(avutil.AV_PIX_FMT_YUV420P);
        context.time_base().num(1).den(PICTURES_A_SECOND);
        context.framerate().num(PICTURES_A_SECOND).den(1);
        return open(format, encoder, context);
    }

    private static AVCodecContext open(
            AVFormatContext format, AVCodec encoder, AVCodecContext context) {
        if ((format.oformat().flags() & avformat.AVFMT_GLOBALHEADER) != 0) {
            context.flags(context.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
        }
        check(avcodec.avcodec_open2(context, encoder, (AVDictionary) null), "avcodec_open2");
        AVStream stream = avformat.avformat_new_stream(format, null);
        check(
                avcodec.avcodec_parameters_from_context(stream.codecpar(), context),
                "avcodec_parameters_from_context");
        stream.time_base(context.time_base());
        return context;
    }

    private void writeSound(AVFormatContext format, AVCodecContext context, int stream) {
        int block = context.frame_size() > 0 ? context.frame_size() : 1000;
        int total = channels[0].length;
        for (int from = 0; from < total; from += block) {
            int count = Math.min(block, total - from);
            AVFrame frame = avutil.av_frame_alloc();
            frame.nb_samples(count).format(context.sample_fmt()).sample_rate(rate);
            avutil.av_channel_layout_copy(frame.ch_layout(), context.ch_layout());
            check(avutil.av_frame_get_buffer(frame, 0), "av_frame_get_buffer");
            fill(frame, context.sample_fmt(), from, count);
            frame.pts(stamps.applyAsLong(from));
            encode(format, context, stream, frame);
            avutil.av_frame_free(frame);
        }
        encode(format, context, stream, null);
    }

    private void fill(AVFrame frame, int sampleFormat, int from, int count) {
        boolean planar = sampleFormat != avutil.AV_SAMPLE_FMT_S16;
        int size = sampleFormat == avutil.AV_SAMPLE_FMT_FLTP ? 4 : 2;
        for (int c = 0; c < channels.length; c++) {
            long bytes = (long) size * count * (planar ? 1 : channels.length);
            ByteBuffer data =
                    frame.data(planar ? c : 0)
                            .capacity(bytes)
                            .asByteBuffer()
                            .order(ByteOrder.nativeOrder());
            for (int i = 0; i < count; i++) {
                int at = size * (planar ? i : i * channels.length + c);
                short sample = channels[c][from + i];
                if (size == 4) {
                    data.putFloat(at, sample / 32768f);
                } else {
                    data.putShort(at, sample);
                }
            }
        }
    }

    private void writePictures(AVFormatContext format, AVCodecContext context, int stream) {
        for (int i = 0; i < pictureSeconds * PICTURES_A_SECOND; i++) {
            AVFrame frame = avutil.av_frame_alloc();
            frame.format(avutil.AV_PIX_FMT_YUV420P).width(64).height(64);
            check(avutil.av_frame_get_buffer(frame, 0), "av_frame_get_buffer");
            for (int plane = 0; plane < 3; plane++) {
                int rows = plane == 0 ? 64 : 32;
                frame.data(plane).capacity((long) rows * frame.linesize(plane)).fill(128);
            }
            frame.pts(i);
            encode(format, context, stream, frame);
            avutil.av_frame_free(frame);
        }
        encode(format, context, stream, null);
    }

    private static void encode(
            AVFormatContext format, AVCodecContext context, int stream, @Nullable AVFrame frame) {
        check(avcodec.avcodec_send_frame(context, frame), "avcodec_send_frame");
        AVPacket packet = avcodec.av_packet_alloc();
        int received = avcodec.avcodec_receive_packet(context, packet);
        while (received >= 0) {
            packet.stream_index(stream);
            avcodec.av_packet_rescale_ts(
                    packet, context.time_base(), format.streams(stream).time_base());
            check(
                    avformat.av_interleaved_write_frame(format, packet),
                    "av_interleaved_write_frame");
            received = avcodec.avcodec_receive_packet(context, packet);
        }
        if (received != AVERROR_EAGAIN() && received != avutil.AVERROR_EOF) {
            check(received, "avcodec_receive_packet");
        }
        avcodec.av_packet_free(packet);
    }

    private static void check(int result, String call) {
        if (result < 0) {
            throw new IllegalStateException(call + " failed with " + result);
        }
    }
}
