package dev.omniflow.ingest.internal;

import dev.omniflow.ingest.MediaDecoder;
import java.nio.ByteOrder;
import org.bytedeco.ffmpeg.avutil.AVChannelLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swresample;
import org.bytedeco.ffmpeg.swresample.SwrContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Turns decoded frames of one format into 16 kHz signed 16 bit, one array a channel. What goes in
 * comes out at the same time: the filter's delay is compensated at the begin, and {@link #flush}
 * gives the rest. Owns native memory; not thread-safe.
 */
final class Resampler implements AutoCloseable {
    private final int format;
    private final int rate;
    private final int inChannels;
    private final int outChannels;
    private final AVChannelLayout in = new AVChannelLayout();
    private final AVChannelLayout out = new AVChannelLayout();
    private final SwrContext swr = new SwrContext(null);
    private BytePointer[] planes = {};
    private PointerPointer<BytePointer> planePointers = new PointerPointer<>(0L);
    private int capacity;

    /**
     * @param frame a frame of the format to come
     * @param outChannels channels to give out: as many as the frame has, or fewer, mixed by the
     *     layout's rules
     */
    Resampler(AVFrame frame, int outChannels) {
        this.format = frame.format();
        this.rate = frame.sample_rate();
        this.inChannels = frame.ch_layout().nb_channels();
        this.outChannels = outChannels;
        try {
            if (frame.ch_layout().order() == avutil.AV_CHANNEL_ORDER_UNSPEC) {
                avutil.av_channel_layout_default(in, inChannels);
            } else {
                LibAv.check(
                        avutil.av_channel_layout_copy(in, frame.ch_layout()),
                        "av_channel_layout_copy");
            }
            if (outChannels == inChannels) {
                LibAv.check(avutil.av_channel_layout_copy(out, in), "av_channel_layout_copy");
            } else {
                avutil.av_channel_layout_default(out, outChannels);
            }
            LibAv.check(
                    swresample.swr_alloc_set_opts2(
                            swr,
                            out,
                            avutil.AV_SAMPLE_FMT_S16P,
                            MediaDecoder.SAMPLE_RATE,
                            in,
                            format,
                            rate,
                            0,
                            null),
                    "swr_alloc_set_opts2");
            LibAv.check(swresample.swr_init(swr), "swr_init");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Whether a frame is of the format that this was made for. */
    boolean fits(AVFrame frame) {
        return frame.format() == format
                && frame.sample_rate() == rate
                && frame.ch_layout().nb_channels() == inChannels;
    }

    /** Samples a second of what goes in. */
    int inputRate() {
        return rate;
    }

    /** Takes a frame; gives what is ready, maybe nothing. */
    short[][] convert(AVFrame frame) {
        int most = reserve(frame.nb_samples());
        return collect(
                swresample.swr_convert(
                        swr, planePointers, most, frame.extended_data(), frame.nb_samples()));
    }

    /** What is left inside. After this, only {@link #close} may follow. */
    short[][] flush() {
        int most = reserve(0);
        return collect(
                swresample.swr_convert(
                        swr, planePointers, most, (PointerPointer<BytePointer>) null, 0));
    }

    private int reserve(int samples) {
        int most =
                Math.max(
                        1,
                        LibAv.check(
                                swresample.swr_get_out_samples(swr, samples),
                                "swr_get_out_samples"));
        if (most > capacity) {
            freePlanes();
            planes = new BytePointer[outChannels];
            for (int c = 0; c < outChannels; c++) {
                planes[c] = new BytePointer(2L * most);
            }
            planePointers = new PointerPointer<>(planes);
            capacity = most;
        }
        return most;
    }

    private short[][] collect(int samples) {
        LibAv.check(samples, "swr_convert");
        short[][] result = new short[outChannels][samples];
        for (int c = 0; c < outChannels && samples > 0; c++) {
            planes[c].position(0).limit(2L * samples);
            planes[c].asByteBuffer().order(ByteOrder.nativeOrder()).asShortBuffer().get(result[c]);
        }
        return result;
    }

    private void freePlanes() {
        planePointers.close();
        for (BytePointer plane : planes) {
            plane.close();
        }
        planes = new BytePointer[0];
        capacity = 0;
    }

    @Override
    public void close() {
        freePlanes();
        swresample.swr_free(swr);
        avutil.av_channel_layout_uninit(in);
        avutil.av_channel_layout_uninit(out);
        in.close();
        out.close();
    }
}
