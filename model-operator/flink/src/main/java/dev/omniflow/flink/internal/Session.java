package dev.omniflow.flink.internal;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.schedule.BatchScheduler;
import dev.omniflow.core.schedule.CallClass;
import dev.omniflow.core.schedule.CallListener;
import dev.omniflow.core.session.SessionProgram;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A session in memory: its program, the inputs that the program has not taken yet, and its calls in
 * flight. Confined to the task's thread.
 *
 * <pre>
 * loaded -> seated <-> at rest -> closed
 *    \---------------------------^
 * </pre>
 *
 * It has a seat at the scheduler while it has calls in flight, and its program runs only while it
 * has one.
 *
 * @param <K> keys
 * @param <I> inputs
 */
public final class Session<K, I> {
    /** An input that was not forgotten yet. */
    public record Arrival<I>(long index, long timestamp, long number, I input) {}

    private final K key;
    private final SessionProgram<I> program;
    private final boolean restored;
    private final Deque<Arrival<I>> inbox = new ArrayDeque<>();
    private final Map<Long, Long> timestamps = new HashMap<>();
    private final Deque<Arrival<I>> unsettled = new ArrayDeque<>();
    private final IdentityHashMap<GraphCall, BatchScheduler.Ticket> inFlight =
            new IdentityHashMap<>();
    private BatchScheduler.@Nullable Seat seat;
    private long nextIndex;
    private long accepted;
    private long forgotten;
    private int epoch;
    private long lastSequence;
    private long lastActiveMs;
    private long timerMs;
    private boolean resumed;
    private boolean resuming;
    private boolean changed;
    private boolean closed;

    /** At the beginning. */
    public Session(K key, SessionProgram<I> program) {
        this.key = key;
        this.program = program;
        restored = false;
        lastSequence = -1;
    }

    /** From its state. */
    public Session(K key, SessionProgram<I> program, SessionEnvelope state) {
        this.key = key;
        this.program = program;
        restored = true;
        nextIndex = state.nextIndex();
        accepted = state.accepted();
        epoch = state.epoch();
        lastSequence = state.lastSequence();
        lastActiveMs = state.lastActiveMs();
        timerMs = state.timerMs();
    }

    public K key() {
        return key;
    }

    public SessionProgram<I> program() {
        return program;
    }

    // ---- inputs

    /**
     * Whether an input of that number by that writer is new; remembers it if so. Numbers go on
     * rising when another writer takes over; what an earlier one still writes is refused.
     */
    public boolean admits(int inputEpoch, long sequence, long nowMs) {
        boolean isNew = inputEpoch >= epoch && sequence > lastSequence;
        if (isNew) {
            epoch = inputEpoch;
            lastSequence = sequence;
            lastActiveMs = nowMs;
            changed = true;
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
        changed = true;
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

    /** Inputs that are kept in state. */
    public int kept() {
        return timestamps.size();
    }

    // ---- calls

    public boolean seated() {
        return seat != null;
    }

    /** Takes a seat; the first time, its program goes on where its state ends. */
    public void sit(BatchScheduler.Seat free) {
        seat = free;
        if (!resumed) {
            resumed = true;
            resuming = restored;
            program.resume();
            resuming = false;
        }
    }

    /** Whether its program is asking again for what was in flight when its state was taken. */
    public boolean resuming() {
        return resuming;
    }

    /** Gives its seat up; no call is in flight. */
    public void rise() {
        if (seat != null) {
            seat.leave();
            seat = null;
        }
    }

    /** Hands a call in; whoever lets the session go on wakes the lanes afterwards. */
    public void call(GraphCall call, CallClass callClass, CallListener listener) {
        BatchScheduler.Seat present = seat;
        if (present == null) {
            throw new IllegalStateException(
                    "the program of session "
                            + key
                            + " calls "
                            + call.graph()
                            + " outside its methods");
        }
        inFlight.put(call, present.enqueue(call, callClass, listener));
    }

    /** The program no longer wants the result of a call. */
    public void cancel(GraphCall call) {
        BatchScheduler.Ticket ticket = inFlight.remove(call);
        if (ticket != null) {
            ticket.cancel();
        }
    }

    /** A call returned. Whether the program still wants its result, which may change it. */
    public boolean returned(GraphCall call) {
        boolean wanted = inFlight.remove(call) != null;
        changed |= wanted;
        return wanted;
    }

    public int callsInFlight() {
        return inFlight.size();
    }

    // ---- state and end

    public long lastActiveMs() {
        return lastActiveMs;
    }

    /** When its lifetime's timer goes off; 0 if there is none. */
    public long timerMs() {
        return timerMs;
    }

    /** Its lifetime's timer was set to that time. */
    public void timerSet(long timeMs) {
        timerMs = timeMs;
        changed = true;
    }

    /** Whether nothing is left to do until another input comes. */
    public boolean atRest() {
        return seat == null && inbox.isEmpty() && unsettled.isEmpty();
    }

    /** Whether its state is another than it was when the envelope was last taken. */
    public boolean changed() {
        return changed;
    }

    public SessionEnvelope takeEnvelope() {
        changed = false;
        return new SessionEnvelope(
                nextIndex,
                accepted,
                epoch,
                lastSequence,
                lastActiveMs,
                timerMs,
                program.snapshot());
    }

    public boolean closed() {
        return closed;
    }

    /** Takes its calls back and frees its program. */
    public void close() {
        if (!closed) {
            closed = true;
            rise();
            inFlight.clear();
            inbox.clear();
            program.close();
        }
    }
}
