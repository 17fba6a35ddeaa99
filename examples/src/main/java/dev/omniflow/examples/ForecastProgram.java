package dev.omniflow.examples;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches one sensor. Its first readings tell the mean and the spread; from then on the network
 * takes each reading in and forecasts the next one, and a reading far off its forecast raises an
 * alarm.
 *
 * <p>It takes one reading at a time. The reading is judged, folded into the state and forgotten in
 * one step, when the network's call returns; until then it is retained, and a program that is made
 * again asks for that call again.
 */
final class ForecastProgram implements SessionProgram<Reading> {
    private final SessionContext<Alarm> context;
    private final ForecastModel model;
    private SensorState state;

    /** The reading that the network is taking in: the one after those folded in. */
    private @Nullable Reading awaited;

    private boolean ended;

    /** At the beginning, or from a state. */
    ForecastProgram(
            SessionContext<Alarm> context,
            ForecastModel model,
            Optional<byte[]> snapshot,
            List<IndexedInput<Reading>> retained) {
        this.context = context;
        this.model = model;
        state =
                snapshot.map(SensorState::fromBytes)
                        .orElseGet(() -> SensorState.initial(model.units()));
        awaited = retained.isEmpty() ? null : retained.get(0).input();
    }

    @Override
    public void resume() {
        if (awaited != null) {
            call(awaited);
        }
    }

    @Override
    public boolean ready() {
        return awaited == null && !ended;
    }

    @Override
    public void accept(long index, Reading reading) {
        if (isSettling()) {
            settle(reading);
            ended = reading.last();
        } else {
            awaited = reading;
            call(reading);
        }
    }

    private boolean isSettling() {
        return state.spread().count() < model.settlingReadings();
    }

    private void settle(Reading reading) {
        Spread spread = state.spread();
        boolean says = Double.isFinite(reading.value());
        state = state.settled(says ? spread.with(reading.value()) : spread);
    }

    private void call(Reading reading) {
        double scaled = state.spread().scaled(reading.value());
        // What the sensor could not say is as forecast to the network.
        double seen = Double.isFinite(scaled) ? scaled : state.forecast();
        double limit = model.valueLimit();
        float value = (float) Math.max(-limit, Math.min(limit, seen));
        context.call(model.call(value, state.network()));
    }

    @Override
    public void complete(GraphCall call, GraphResult result) {
        Reading reading = awaited;
        if (reading == null) {
            throw new IllegalStateException("a result came that nobody asked for: " + result);
        }
        awaited = null;
        if (result instanceof GraphResult.Success success) {
            judge(reading, success);
            ended = reading.last();
        } else {
            // Without the network's state nobody can watch this sensor; the others go on.
            context.emit(state.folded(), alarm(Alarm.Kind.UNWATCHED, reading));
            ended = true;
        }
    }

    /** Judges a reading by the forecast that was made before it, and folds it in. */
    private void judge(Reading reading, GraphResult.Success success) {
        double error = state.spread().scaled(reading.value()) - state.forecast();
        ErrorRange errors = state.errors();
        long alarms = state.alarms();
        if (errors.holds(error, model)) {
            errors = errors.afterUsual(error, model);
        } else {
            if (!errors.inAlarm()) {
                context.emit(state.folded(), alarm(Alarm.Kind.UNEXPECTED, reading));
                alarms++;
            }
            errors = errors.afterUnusual(model);
        }
        state =
                state.advanced(
                        alarms,
                        errors,
                        success.output("forecast").floats()[0],
                        success.output("next_state").floats());
    }

    private Alarm alarm(Alarm.Kind kind, Reading reading) {
        Spread spread = state.spread();
        return new Alarm(
                reading.sensor(),
                state.alarms() + 1,
                kind,
                reading.sequence(),
                reading.timeMs(),
                reading.value(),
                spread.value(state.forecast()),
                spread.widthOf(state.errors().usual()));
    }

    @Override
    public long retainFrom() {
        return state.folded();
    }

    @Override
    public long settledBefore() {
        return state.folded();
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public byte[] snapshot() {
        return state.toBytes();
    }

    @Override
    public void close() {
        // Everything is on the heap.
    }
}
