package dev.omniflow.flink;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.RuntimeMemory;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.core.schedule.SchedulerOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.java.tuple.Tuple4;

/**
 * Opens {@link FoldProgram}s over a runtime that a test can hold back. Travels as its name, so the
 * runtime of a name is found again by the test.
 */
final class FoldInference
        implements InferenceProvider<Tuple4<String, Integer, Long, String>, String> {
    static final String POISON = "poison";
    static final String LOST = "lost";

    private static final long serialVersionUID = 1;
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final Map<String, FoldRuntime> RUNTIMES = new ConcurrentHashMap<>();

    private final String name = "fold-" + NUMBERS.incrementAndGet();
    private final int seats;

    FoldInference() {
        this(100);
    }

    FoldInference(int seats) {
        this.seats = seats;
    }

    /** The runtime that was opened last. */
    FoldRuntime runtime() {
        return RUNTIMES.computeIfAbsent(name, key -> new FoldRuntime());
    }

    @Override
    public String key() {
        return name;
    }

    @Override
    public Inference<Tuple4<String, Integer, Long, String>, String> open() {
        FoldRuntime runtime = runtime();
        runtime.opened();
        return new Inference<>(
                FoldProgram::new,
                runtime,
                Optional.empty(),
                SchedulerOptions.ofLanes(2).withSeats(seats));
    }

    /** Computes at once, unless it is held. */
    static final class FoldRuntime implements GraphRuntime {
        private boolean held;
        private int opened;
        private int closed;

        synchronized void hold() {
            held = true;
        }

        synchronized void release() {
            held = false;
            notifyAll();
        }

        private synchronized void opened() {
            opened++;
        }

        /** How often it was opened and not closed. */
        synchronized int open() {
            return opened - closed;
        }

        synchronized int timesOpened() {
            return opened;
        }

        private synchronized void pass() {
            while (held) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public void load(Bundle bundle) {}

        @Override
        public void unload(BundleId bundle) {}

        @Override
        public RuntimeMemory memory() {
            return new RuntimeMemory(0, 0, 0);
        }

        @Override
        public int maxBatchSize(GraphRef graph) {
            return 8;
        }

        @Override
        public GraphCache newCache() {
            throw new UnsupportedOperationException("fold keeps nothing");
        }

        @Override
        public List<GraphResult.Success> run(int lane, List<GraphCall> calls)
                throws GraphException {
            pass();
            List<GraphResult.Success> results = new ArrayList<>();
            for (GraphCall call : calls) {
                long[] values = call.inputs().get("values").longs();
                if (values[1] == POISON.hashCode()) {
                    throw GraphException.ofCall("poisonous", null);
                }
                if (values[1] == LOST.hashCode()) {
                    throw GraphException.ofDevice("the device fell off", null);
                }
                long sum = FoldProgram.fold(values[0], values[1]);
                results.add(new GraphResult.Success(Map.of("sum", Tensor.of(new long[] {sum}, 1))));
            }
            return results;
        }

        @Override
        public synchronized void close() {
            closed++;
        }
    }
}
