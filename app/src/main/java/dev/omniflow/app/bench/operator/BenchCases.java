package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;
import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleReader;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.speech.endpointing.VoiceActivity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.java.tuple.Tuple4;

/** The graphs that are measured. */
final class BenchCases {
    /** Chunks of sound that come with an input: a second, nearly. */
    private static final int CHUNKS_PER_INPUT = 32;

    private BenchCases() {}

    /** Steps of the decoder, token by token, with keys and values in the cache. */
    static BenchCase decoder(Bundle bundle, int steps) throws BundleException, OrtException {
        String folder = bundle.directory().toString();
        DecoderModel model = new DecoderModel(bundle);
        return new BenchCase(
                bundle.id().name() + "/decoder",
                bundle,
                steps,
                bundle.graph("decoder").maxBatchSize(),
                loaded -> {
                    DecoderModel own = new DecoderModel(loaded);
                    return (context, snapshot, retained) ->
                            new DecodingProgram(own, steps, context, snapshot, retained);
                },
                new DecoderScript(),
                () -> BareDecoder.open(new DecoderModel(BundleReader.read(Path.of(folder)))),
                BareDecoder.openWithStarts(model));
    }

    /** Chunks of sound through the recurrent voice activity model. */
    static BenchCase voice(Bundle bundle, int inputs) throws BundleException, OrtException {
        String folder = bundle.directory().toString();
        int chunks = inputs * CHUNKS_PER_INPUT;
        VoiceModel model = new VoiceModel(bundle, chunks);
        return new BenchCase(
                bundle.id().name() + "/" + model.graph().graph(),
                bundle,
                chunks,
                bundle.graph(model.graph().graph()).maxBatchSize(),
                loaded -> {
                    GraphRef graph = VoiceActivity.graphOf(loaded);
                    return (context, snapshot, retained) ->
                            new VoiceProgram(graph, context, snapshot, retained);
                },
                new VoiceScript(model, inputs),
                () -> BareVoice.open(new VoiceModel(BundleReader.read(Path.of(folder)), chunks)),
                BareVoice.open(model));
    }

    private static final class DecoderScript implements Script {
        @Override
        public Optional<Tuple4<Integer, Long, Integer, short[]>> prepare(int session) {
            return Optional.of(Turn.of(session, 0, Turn.PREPARE));
        }

        @Override
        public List<Tuple4<Integer, Long, Integer, short[]>> go(int session) {
            return List.of(Turn.of(session, 1, Turn.FINISH));
        }
    }

    private record VoiceScript(VoiceModel model, int inputs) implements Script {
        @Override
        public Optional<Tuple4<Integer, Long, Integer, short[]>> prepare(int session) {
            return Optional.empty();
        }

        @Override
        public List<Tuple4<Integer, Long, Integer, short[]>> go(int session) {
            List<Tuple4<Integer, Long, Integer, short[]>> turns = new ArrayList<>();
            for (int i = 0; i < inputs; i++) {
                turns.add(
                        Turn.of(
                                session,
                                i,
                                i == inputs - 1 ? Turn.FINISH : Turn.GO_ON,
                                model.pcm(session, i * CHUNKS_PER_INPUT, CHUNKS_PER_INPUT)));
            }
            return turns;
        }
    }
}
