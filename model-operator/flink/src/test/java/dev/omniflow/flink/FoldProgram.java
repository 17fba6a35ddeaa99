package dev.omniflow.flink;

import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.java.tuple.Tuple4;

/**
 * Folds every input into a sum by a graph call, and every third time emits the three texts
 * together: so it has calls in flight, and keeps inputs that no state holds, as real programs do.
 * Inputs are (session, epoch, sequence, text); the text {@value #END} ends the session.
 */
final class FoldProgram implements SessionProgram<Tuple4<String, Integer, Long, String>> {
    static final String END = "end";

    private static final GraphRef GRAPH = new GraphRef(new BundleId("fold", "1"), "fold");
    private static final int GROUP = 3;

    private final SessionContext<String> context;
    private final TreeMap<Long, Tuple4<String, Integer, Long, String>> group = new TreeMap<>();
    private long accepted;
    private long sum;
    private boolean folding;
    private boolean ended;
    private boolean closed;

    FoldProgram(
            SessionContext<String> context,
            Optional<byte[]> snapshot,
            List<IndexedInput<Tuple4<String, Integer, Long, String>>> retained) {
        this.context = context;
        snapshot.ifPresent(
                bytes -> {
                    ByteBuffer buffer = ByteBuffer.wrap(bytes);
                    accepted = buffer.getLong();
                    sum = buffer.getLong();
                    folding = buffer.get() == 1;
                });
        retained.forEach(input -> group.put(input.index(), input.input()));
    }

    /** What one session emits for these texts. */
    static List<String> expected(String session, List<String> texts) {
        List<String> outputs = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < texts.size(); i++) {
            if (texts.get(i).equals(END)) {
                outputs.add(session + " bye " + sum);
                return outputs;
            }
            sum = fold(sum, texts.get(i).hashCode());
            outputs.add(session + " " + i + " " + sum);
            if (i % GROUP == GROUP - 1) {
                outputs.add(session + " " + texts.subList(i - GROUP + 1, i + 1));
            }
        }
        return outputs;
    }

    static long fold(long sum, long value) {
        return sum * 31 + value;
    }

    @Override
    public void resume() {
        if (folding) {
            call();
        }
    }

    @Override
    public boolean ready() {
        return !folding && !ended;
    }

    @Override
    public void accept(long index, Tuple4<String, Integer, Long, String> input) {
        if (index != accepted || closed) {
            throw new IllegalStateException("input " + index + " came, not " + accepted);
        }
        accepted++;
        if (input.f3.equals(END)) {
            context.emit(index, input.f0 + " bye " + sum);
            ended = true;
            return;
        }
        group.put(index, input);
        folding = true;
        call();
    }

    private void call() {
        context.call(
                GraphCall.of(
                        GRAPH,
                        Map.of(
                                "values",
                                Tensor.of(
                                        new long[] {
                                            sum, group.lastEntry().getValue().f3.hashCode()
                                        },
                                        1,
                                        2)),
                        Set.of("sum")));
    }

    @Override
    public void complete(GraphCall call, GraphResult result) {
        if (closed) {
            throw new IllegalStateException("a result came after the program was closed");
        }
        long index = accepted - 1;
        String session = group.lastEntry().getValue().f0;
        folding = false;
        if (!(result instanceof GraphResult.Success success)) {
            context.emit(index, session + " fault");
            ended = true;
            return;
        }
        sum = success.output("sum").longs()[0];
        context.emit(index, session + " " + index + " " + sum);
        if (index % GROUP == GROUP - 1) {
            context.emit(index, session + " " + group.values().stream().map(in -> in.f3).toList());
            group.clear();
        }
    }

    @Override
    public long retainFrom() {
        return group.isEmpty() ? accepted : group.firstKey();
    }

    @Override
    public long settledBefore() {
        return folding ? accepted - 1 : accepted;
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public byte[] snapshot() {
        return ByteBuffer.allocate(17)
                .putLong(accepted)
                .putLong(sum)
                .put((byte) (folding ? 1 : 0))
                .array();
    }

    @Override
    public void close() {
        closed = true;
    }
}
