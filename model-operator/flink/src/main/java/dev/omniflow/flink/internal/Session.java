package dev.omniflow.flink.internal;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.schedule.BatchScheduler;
import dev.omniflow.core.session.SessionProgram;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A session in memory: its program, the inputs that the program has not taken yet, and its calls in
 * flight. Confined to the task's thread.
 *
 * @param <K> keys
 * @param <I> inputs
 */
public final class Session<K, I> {
    /** An input that was not forgotten yet. */
    public record Arrival<I>(long index, long timestamp, long number, I input) {}

    private final K key;
    private final SessionProgram<I> program;
    private final Deque<Arrival<I>> inbox = new ArrayDeque<>();
    private final Map<Long, Long> timestamps = new HashMap<>();
    private final Deque<Arrival<I>> unsettled = new ArrayDeque<>();
    private final IdentityHashMap<GraphCall, BatchScheduler.Ticket> inFlight =
            new IdentityHashMap<>();
    private long nextIndex;
    private long accepted;
    private long forgotten;
    private int epoch;
    private long lastSequence;
    private boolean closed;

    public Session(
            K key,
            SessionProgram<I> program,
            long nextIndex,
            long accepted,
            int epoch,
            long lastSequence) {
        this.key = key;
        this.program = program;
        this.nextIndex = nextIndex;
        this.accepted = accepted;
        this.epoch = epoch;
        this.lastSequence = lastSequence;
    }

    public K key() {
        return key;
    }

    public SessionProgram<I> program() {
        return program;
    }

    /** Whether an input of that number by that writer is new; remembers it if so. */
    public boolean admits(int inputEpoch, long sequence) {
        boolean isNew = inputEpoch > epoch || (inputEpoch == epoch && sequence > lastSequence);
        if (isNew) {
            epoch = inputEpoch;
            lastSequence = sequence;
        }
        return isNew;
    }

    public long takeIndex() {
        return nextIndex++;
    }

    /** An input waits for the program. */
    public void enqueue(Arrival<I> arrival) {
        inbox.add(arrival);
        remember(arrival);
    }

    /** An input is kept that the program took before the restore. */
    public void remember(Arrival<I> arrival) {
        if (timestamps.isEmpty()) {
            forgotten = arrival.index();
        }
        timestamps.put(arrival.index(), arrival.timestamp());
        unsettled.add(arrival);
        nextIndex = Math.max(nextIndex, arrival.index() + 1);
    }

    public boolean hasDeliverable() {
        return !inbox.isEmpty() && program.ready();
    }

    /** Gives the program its next input. */
    public void deliver() {
        Arrival<I> arrival = inbox.removeFirst();
        accepted = arrival.index() + 1;
        program.accept(arrival.index(), arrival.input());
    }

    public int waiting() {
        return inbox.size();
    }

    /** Event time of a kept input. */
    public long timestamp(long index) {
        Long timestamp = timestamps.get(index);
        if (timestamp == null) {
            throw new IllegalStateException(
                    "session " + key + " names input " + index + ", which it has folded in");
        }
        return timestamp;
    }

    /** Tells which inputs have had their effects since the last time. */
    public void takeSettled(LongConsumer settled) {
        long before = Math.min(program.settledBefore(), accepted);
        while (!unsettled.isEmpty() && (closed || unsettled.getFirst().index() < before)) {
            settled.accept(unsettled.removeFirst().number());
        }
    }

    /** Tells which inputs are folded in since the last time. */
    public void takeFolded(LongActions folded) throws Exception {
        long before = Math.min(Math.min(program.retainFrom(), program.settledBefore()), accepted);
        while (forgotten < before) {
            if (timestamps.remove(forgotten) != null) {
                folded.accept(forgotten);
            }
            forgotten++;
        }
    }

    /** An action on an index that touches state. */
    public interface LongActions {
        void accept(long index) throws Exception;
    }

    public void called(GraphCall call, BatchScheduler.Ticket ticket) {
        inFlight.put(call, ticket);
    }

    public void returned(GraphCall call) {
        inFlight.remove(call);
    }

    public int callsInFlight() {
        return inFlight.size();
    }

    public SessionEnvelope envelope() {
        return new SessionEnvelope(nextIndex, accepted, epoch, lastSequence, program.snapshot());
    }

    public boolean closed() {
        return closed;
    }

    /** Takes its calls back and frees its program. */
    public void close() {
        if (!closed) {
            closed = true;
            inFlight.values().forEach(BatchScheduler.Ticket::cancel);
            inFlight.clear();
            inbox.clear();
            program.close();
        }
    }
}
