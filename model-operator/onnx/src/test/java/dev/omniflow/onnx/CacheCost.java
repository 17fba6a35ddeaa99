package dev.omniflow.onnx;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a recogniser's cache costs: bytes, time to make it again by the same calls, time to write it
 * to a file and read it back. Prints the table of docs/adr/0008-caches-are-rebuilt.md. Times are
 * processor time of the one thread that works, so that a busy machine prints them too; only the
 * write that waits for the disk is taken by the clock.
 */
final class CacheCost {
    private static final int ROUNDS = 5;
    private static final int PROMPT = 4;

    /** Words are about 2.5 a second, tokens about 4 in 3 words. */
    private static final double TOKENS_A_SECOND = 3.3;

    private CacheCost() {}

    /**
     * An utterance in the middle of its decode.
     *
     * @param seconds of audio
     * @param window seconds that the encoder is given, padded
     */
    private record Utterance(int seconds, int window) {
        int steps() {
            return (int) Math.round(seconds * TOKENS_A_SECOND);
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<Utterance> utterances =
                List.of(new Utterance(5, 10), new Utterance(10, 10), new Utterance(28, 30));
        System.out.println(
                "bundle           audio  tokens  cross MB  self MB  encoder ms  prompt+steps ms"
                        + "  write+force ms  write ms  read ms");
        for (String name : List.of("whisper-tiny.en", "whisper-base")) {
            try (OnnxGraphRuntime runtime = new OnnxGraphRuntime(OnnxOptions.defaults())) {
                Bundle bundle = MadeBundles.bundle(name);
                runtime.load(bundle);
                WhisperCalls calls = new WhisperCalls(bundle);
                for (Utterance utterance : utterances) {
                    print(name, utterance, measure(runtime, calls, utterance));
                }
            }
        }
    }

    /** Medians over rounds, in milliseconds; sizes in bytes. */
    private record Cost(
            long crossBytes,
            long selfBytes,
            double encode,
            double decode,
            double writeForced,
            double write,
            double read) {}

    private static void print(String name, Utterance utterance, Cost cost) {
        System.out.printf(
                Locale.ROOT,
                "%-16s %3d s  %6d  %8.1f  %7.2f  %10.0f  %15.0f  %14.1f  %8.1f  %7.1f%n",
                name,
                utterance.seconds(),
                PROMPT + utterance.steps(),
                cost.crossBytes() / 1e6,
                cost.selfBytes() / 1e6,
                cost.encode(),
                cost.decode(),
                cost.writeForced(),
                cost.write(),
                cost.read());
    }

    private static Cost measure(OnnxGraphRuntime runtime, WhisperCalls calls, Utterance utterance)
            throws Exception {
        double[] encode = new double[ROUNDS];
        double[] decode = new double[ROUNDS];
        double[] forced = new double[ROUNDS];
        double[] write = new double[ROUNDS];
        double[] read = new double[ROUNDS];
        long cross = 0;
        long self = 0;
        Path file = Files.createTempFile("cache-cost", ".bin");
        // The first round teaches shapes and warms up; it is not counted.
        for (int round = -1; round < ROUNDS; round++) {
            try (GraphCache cache = runtime.newCache()) {
                long began = processorNanos();
                runtime.run(
                        0,
                        List.of(WhisperCalls.wanting(calls.encode(cache, 1, utterance.window()))));
                long afterEncode = processorNanos();
                decode(runtime, calls, cache, utterance);
                long afterDecode = processorNanos();
                cross = bytes(calls, cache, "cross_");
                self = bytes(calls, cache, "past_");
                double withForce = write(calls, cache, file, true);
                double withoutForce = write(calls, cache, file, false);
                double readBack = read(file);
                if (round >= 0) {
                    encode[round] = (afterEncode - began) / 1e6;
                    decode[round] = (afterDecode - afterEncode) / 1e6;
                    forced[round] = withForce;
                    write[round] = withoutForce;
                    read[round] = readBack;
                }
            }
        }
        Files.delete(file);
        return new Cost(
                cross,
                self,
                median(encode),
                median(decode),
                median(forced),
                median(write),
                median(read));
    }

    private static void decode(
            OnnxGraphRuntime runtime, WhisperCalls calls, GraphCache cache, Utterance utterance)
            throws GraphException {
        long[] tokens = calls.prompt(1, PROMPT);
        for (int step = 0; step <= utterance.steps(); step++) {
            GraphCall call =
                    WhisperCalls.wanting(
                            calls.decode(cache, tokens, step == 1), "token", "logprob");
            GraphResult.Success result = runtime.run(0, List.of(call)).get(0);
            tokens = new long[] {calls.following(result, 1, step)};
        }
    }

    private static long bytes(WhisperCalls calls, GraphCache cache, String prefix) {
        return calls.kept().stream()
                .filter(name -> name.startsWith(prefix))
                .mapToLong(name -> ((OnnxCache) cache).entry(name).rowBytes())
                .sum();
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Writes all entries; milliseconds. */
    private static double write(WhisperCalls calls, GraphCache cache, Path file, boolean force)
            throws IOException {
        long began = force ? System.nanoTime() : processorNanos();
        try (FileChannel channel =
                FileChannel.open(
                        file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            for (String name : calls.kept()) {
                ByteBuffer bytes = ((OnnxCache) cache).entry(name).bytes();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            if (force) {
                channel.force(true);
            }
        }
        return ((force ? System.nanoTime() : processorNanos()) - began) / 1e6;
    }

    /** Reads it all into direct memory; milliseconds. */
    private static double read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(Files.size(file)));
        long began = processorNanos();
        try (FileChannel channel = FileChannel.open(file)) {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Until it is full.
            }
        }
        return (processorNanos() - began) / 1e6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
