package dev.omniflow.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every output of both graphs of each Whisper bundle, alone and in batches, bit for bit: at each
 * window of audio, and at each length to which the past is padded. Wherever a past is looked at, it
 * is read one short of its bucket, filling it, and with the next one just begun; several tokens at
 * a time come to a past of every length, too.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WhisperShapesIT {
    private static final int STEPS = 3;

    private OnnxGraphRuntime runtime;

    OnnxOptions options() {
        return OnnxOptions.defaults();
    }

    @BeforeAll
    final void open() {
        runtime = new OnnxGraphRuntime(options());
    }

    @AfterAll
    final void close() {
        runtime.close();
    }

    static List<Arguments> cases() {
        List<Integer> all = IntStream.rangeClosed(1, 13).boxed().toList();
        List<Arguments> cases = new ArrayList<>();
        for (String bundle : List.of("whisper-tiny.en", "whisper-base")) {
            for (int seconds : new int[] {10, 15, 20, 25, 30}) {
                cases.add(arguments(bundle, seconds, seconds == 10 ? all : List.of(1, 7, 13)));
            }
        }
        return cases;
    }

    @ParameterizedTest(name = "{0}, {1} s, past of {2} buckets")
    @MethodSource("cases")
    void givesInABatchWhatItGivesAlone(String name, int seconds, List<Integer> buckets)
            throws Exception {
        Bundle bundle = MadeBundles.bundle(name);
        runtime.load(bundle);
        WhisperCalls calls = new WhisperCalls(bundle);
        List<List<GraphResult.Success>> alone = new ArrayList<>();
        for (int session = 0; session < 4; session++) {
            alone.add(transcribe(calls, List.of(session), seconds, buckets).get(0));
        }
        for (List<Integer> batch : List.of(List.of(3, 1), List.of(2, 0, 1, 3))) {
            List<List<GraphResult.Success>> together = transcribe(calls, batch, seconds, buckets);
            for (int i = 0; i < batch.size(); i++) {
                List<GraphResult.Success> expected = alone.get(batch.get(i));
                for (int call = 0; call < expected.size(); call++) {
                    assertThat(together.get(i).get(call))
                            .as("session %d in %s, call %d", batch.get(i), batch, call)
                            .isEqualTo(expected.get(call));
                }
            }
        }
    }

    /**
     * The results of a session's calls, by session: the encoder, then for each bucket as many
     * tokens at once as leave the past one short of it, and steps over its limit.
     */
    private List<List<GraphResult.Success>> transcribe(
            WhisperCalls calls, List<Integer> sessions, int seconds, List<Integer> buckets)
            throws GraphException {
        List<GraphCache> caches = sessions.stream().map(session -> runtime.newCache()).toList();
        List<List<GraphResult.Success>> results = new ArrayList<>();
        sessions.forEach(session -> results.add(new ArrayList<>()));
        try {
            List<GraphCall> encodings = new ArrayList<>();
            for (int i = 0; i < sessions.size(); i++) {
                encodings.add(calls.encode(caches.get(i), sessions.get(i), seconds));
            }
            run(encodings, results);
            for (int bucket : buckets) {
                int missing = bucket * WhisperCalls.BUCKET - 1 - caches.get(0).length();
                for (int step = 0; step <= STEPS; step++) {
                    List<GraphCall> batch = new ArrayList<>();
                    for (int i = 0; i < sessions.size(); i++) {
                        int session = sessions.get(i);
                        List<GraphResult.Success> before = results.get(i);
                        long[] tokens =
                                step == 0
                                        ? calls.prompt(session + bucket, missing)
                                        : new long[] {
                                            calls.following(
                                                    before.get(before.size() - 1), session, step)
                                        };
                        batch.add(calls.decode(caches.get(i), tokens, step == 1));
                    }
                    run(batch, results);
                }
                assertThat(caches.get(0).length()).isEqualTo(bucket * WhisperCalls.BUCKET + 2);
            }
            return results;
        } finally {
            caches.forEach(GraphCache::close);
        }
    }

    private void run(List<GraphCall> batch, List<List<GraphResult.Success>> results)
            throws GraphException {
        assertThat(batch.stream().map(GraphCall::batchKey).distinct()).hasSize(1);
        List<GraphResult.Success> together = runtime.run(0, batch);
        for (int i = 0; i < batch.size(); i++) {
            results.get(i).add(together.get(i));
        }
    }
}
