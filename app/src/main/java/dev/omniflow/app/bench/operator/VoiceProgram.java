package dev.omniflow.app.bench.operator;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.speech.endpointing.VoiceActivity;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.jspecify.annotations.Nullable;

/**
 * Voice activity over the sound that comes with each input, chunk after chunk. Its state is that
 * after the last input that is done with; the one under way is kept.
 */
final class VoiceProgram implements SessionProgram<Tuple4<Integer, Long, Integer, short[]>> {
    private final SessionContext<Tuple3<Integer, Long, String>> context;
    private final List<IndexedInput<Tuple4<Integer, Long, Integer, short[]>>> retained;
    private final VoiceActivity voice;
    private final float[] tail = new float[VoiceModel.CONTEXT];
    private byte[] committed;
    private int session;
    private long digest;
    private long accepted;
    private long done;
    private boolean busy;
    private boolean last;
    private boolean ended;
    private short @Nullable [] sound;
    private int at;

    VoiceProgram(
            GraphRef graph,
            SessionContext<Tuple3<Integer, Long, String>> context,
            Optional<byte[]> snapshot,
            List<IndexedInput<Tuple4<Integer, Long, Integer, short[]>>> retained) {
        this.context = context;
        this.retained = List.copyOf(retained);
        float[] state = new float[0];
        if (snapshot.isPresent()) {
            ByteBuffer bytes = ByteBuffer.wrap(snapshot.get());
            done = bytes.getLong();
            digest = bytes.getLong();
            bytes.asFloatBuffer().get(tail);
            bytes.position(bytes.position() + tail.length * Float.BYTES);
            state = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(state);
        }
        voice = new VoiceActivity(graph, state);
        accepted = done;
        committed = write();
    }

    private byte[] write() {
        float[] state = voice.state();
        ByteBuffer bytes =
                ByteBuffer.allocate(2 * Long.BYTES + (tail.length + state.length) * Float.BYTES);
        bytes.putLong(done).putLong(digest);
        bytes.asFloatBuffer().put(tail).put(state);
        return bytes.array();
    }

    @Override
    public void resume() {
        retained.forEach(input -> accept(input.index(), input.input()));
    }

    @Override
    public boolean ready() {
        return !busy && !ended;
    }

    @Override
    public void accept(long index, Tuple4<Integer, Long, Integer, short[]> turn) {
        accepted = index + 1;
        session = turn.f0;
        sound = turn.f3;
        last = turn.f2 == Turn.FINISH;
        at = 0;
        busy = true;
        call();
    }

    private void call() {
        short[] pcm = sound;
        if (pcm == null) {
            throw new IllegalStateException("there is no sound under way");
        }
        float[] input = new float[VoiceModel.CONTEXT + VoiceModel.CHUNK];
        System.arraycopy(tail, 0, input, 0, tail.length);
        for (int i = 0; i < VoiceModel.CHUNK; i++) {
            input[VoiceModel.CONTEXT + i] = pcm[at + i] / 32_768f;
        }
        System.arraycopy(input, VoiceModel.CHUNK, tail, 0, tail.length);
        at += VoiceModel.CHUNK;
        context.call(voice.call(input));
    }

    @Override
    public void complete(GraphCall call, GraphResult result) {
        if (!(result instanceof GraphResult.Success success)) {
            ended = true;
            context.emit(accepted - 1, Answer.failed(session, result.toString()));
            return;
        }
        int bits = Float.floatToIntBits(voice.accept(success));
        digest = Carried.digest(digest, bits);
        if (sound != null && at < sound.length) {
            call();
            return;
        }
        busy = false;
        sound = null;
        done = accepted;
        if (last) {
            ended = true;
            context.emit(accepted - 1, Answer.of(session, digest));
        } else {
            committed = write();
        }
    }

    @Override
    public long retainFrom() {
        return ended ? accepted : done;
    }

    @Override
    public long settledBefore() {
        return retainFrom();
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public byte[] snapshot() {
        return Arrays.copyOf(committed, committed.length);
    }

    @Override
    public void close() {}
}
