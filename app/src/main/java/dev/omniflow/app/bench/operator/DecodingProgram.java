package dev.omniflow.app.bench.operator;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.jspecify.annotations.Nullable;

/**
 * One utterance as a recogniser decodes it: told to prepare, it runs the encoder, the start of
 * transcript and the task; told to finish, it reads a fixed number of tokens one by one.
 *
 * <p>It keeps both inputs until the end, so its state is only what it has emitted.
 */
final class DecodingProgram implements SessionProgram<Tuple4<Integer, Long, Integer, short[]>> {
    private enum Phase {
        NEW,
        ENCODE,
        LISTEN,
        BEGIN,
        PREPARED,
        STEP,
        ENDED
    }

    private final DecoderModel model;
    private final int steps;
    private final SessionContext<Tuple3<Integer, Long, String>> context;
    private final List<IndexedInput<Tuple4<Integer, Long, Integer, short[]>>> retained;
    private int answered;
    private int session;
    private Phase phase = Phase.NEW;
    private @Nullable GraphCache cache;
    private boolean finish;
    private long accepted;
    private long token;
    private long digest;
    private int step;

    DecodingProgram(
            DecoderModel model,
            int steps,
            SessionContext<Tuple3<Integer, Long, String>> context,
            Optional<byte[]> snapshot,
            List<IndexedInput<Tuple4<Integer, Long, Integer, short[]>>> retained) {
        this.model = model;
        this.steps = steps;
        this.context = context;
        this.retained = List.copyOf(retained);
        answered = snapshot.map(bytes -> (int) bytes[0]).orElse(0);
    }

    @Override
    public void resume() {
        retained.forEach(input -> accept(input.index(), input.input()));
    }

    @Override
    public boolean ready() {
        return phase == Phase.NEW || phase == Phase.PREPARED;
    }

    @Override
    public void accept(long index, Tuple4<Integer, Long, Integer, short[]> turn) {
        accepted = index + 1;
        session = turn.f0;
        if (turn.f2 == Turn.PREPARE) {
            phase = Phase.ENCODE;
            context.call(model.encode(session, cache()));
            return;
        }
        finish = true;
        if (phase == Phase.PREPARED) {
            decode();
        }
    }

    @Override
    public void complete(GraphCall call, GraphResult result) {
        if (!(result instanceof GraphResult.Success success)) {
            phase = Phase.ENDED;
            context.emit(accepted - 1, Answer.failed(session, result.toString()));
            return;
        }
        switch (phase) {
            case ENCODE -> {
                phase = Phase.LISTEN;
                context.call(model.decode(model.listen(), false, Set.of("logits"), cache()));
            }
            case LISTEN -> {
                phase = Phase.BEGIN;
                context.call(model.decode(model.task(), true, DecoderModel.STEP_OUTPUTS, cache()));
            }
            case BEGIN -> {
                token = success.output("token").longs()[0];
                phase = Phase.PREPARED;
                answer(0);
                if (finish) {
                    decode();
                }
            }
            case STEP -> {
                token = success.output("token").longs()[0];
                digest = Carried.digest(digest, token);
                step++;
                if (step < steps) {
                    decode();
                } else {
                    phase = Phase.ENDED;
                    answer(1);
                }
            }
            case NEW, PREPARED, ENDED ->
                    throw new IllegalStateException("no call was made in the phase " + phase);
        }
    }

    /** Emits what belongs to an input, unless that was before a restore. */
    private void answer(int input) {
        if (answered == input) {
            answered++;
            context.emit(input, Answer.of(session, digest));
        }
    }

    private void decode() {
        phase = Phase.STEP;
        context.call(model.decode(new long[] {token}, false, DecoderModel.STEP_OUTPUTS, cache()));
    }

    private GraphCache cache() {
        GraphCache present = cache;
        if (present == null) {
            present = context.newCache();
            cache = present;
        }
        return present;
    }

    @Override
    public long retainFrom() {
        return ended() ? accepted : 0;
    }

    @Override
    public long settledBefore() {
        return ended() ? accepted : answered;
    }

    @Override
    public boolean ended() {
        return phase == Phase.ENDED;
    }

    @Override
    public byte[] snapshot() {
        return new byte[] {(byte) answered};
    }

    @Override
    public void close() {
        if (cache != null) {
            cache.close();
        }
    }
}
