package dev.omniflow.core.schedule;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import java.util.OptionalInt;

/** A call that was handed in and has not ended. Guarded by the scheduler's lock. */
final class PendingCall {
    /**
     *
     *
     * <pre>
     * BLOCKED -> READY -> RUNNING -> ENDED
     *    \---------\--- cancelled ----^
     * </pre>
     */
    enum State {
        /** An earlier call of its session with the same graph or cache has not ended. */
        BLOCKED,
        /** Waits for a lane. */
        READY,
        /** Lies in a batch that a lane runs. */
        RUNNING,
        /** Its listener was called, or never will be. */
        ENDED
    }

    /** Which calls may run together, and where. */
    record BatchPlace(Object batchKey, OptionalInt home) {}

    private final long number;
    private final SessionSeat seat;
    private final GraphCall call;
    private final CallClass callClass;
    private final CallListener listener;
    private final long submittedNanos;
    private State state = State.BLOCKED;
    private int blockers;
    private boolean cancelled;
    private BatchPlace place;

    PendingCall(
            long number,
            SessionSeat seat,
            GraphCall call,
            CallClass callClass,
            CallListener listener,
            long submittedNanos) {
        this.number = number;
        this.seat = seat;
        this.call = call;
        this.callClass = callClass;
        this.listener = listener;
        this.submittedNanos = submittedNanos;
        place = placeNow(call);
    }

    /** Its cache may have grown or found a home since it was handed in. */
    private static BatchPlace placeNow(GraphCall call) {
        return new BatchPlace(
                call.batchKey(), call.cache().map(GraphCache::home).orElse(OptionalInt.empty()));
    }

    /** Order in which calls were handed in. */
    long number() {
        return number;
    }

    SessionSeat seat() {
        return seat;
    }

    GraphCall call() {
        return call;
    }

    CallClass callClass() {
        return callClass;
    }

    CallListener listener() {
        return listener;
    }

    long submittedNanos() {
        return submittedNanos;
    }

    State state() {
        return state;
    }

    void state(State next) {
        state = next;
    }

    boolean cancelled() {
        return cancelled;
    }

    void cancel() {
        cancelled = true;
    }

    void block() {
        blockers++;
    }

    /** One of the calls before it ended. Whether it was the last. */
    boolean unblock() {
        blockers--;
        if (blockers > 0) {
            return false;
        }
        place = placeNow(call);
        return true;
    }

    boolean blocked() {
        return blockers > 0;
    }

    BatchPlace place() {
        return place;
    }

    boolean mayRunOn(int lane) {
        OptionalInt home = place.home();
        return home.isEmpty() || home.getAsInt() == lane;
    }

    long waitedNanos(long now) {
        return now - submittedNanos;
    }

    @Override
    public String toString() {
        return "call " + number + " of " + call.graph() + ", " + state;
    }
}
