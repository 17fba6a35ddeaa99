package dev.omniflow.flink;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.schedule.CallClass;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.flink.internal.Session;
import dev.omniflow.flink.internal.SessionEnvelope;
import dev.omniflow.flink.internal.SessionStore;
import dev.omniflow.flink.internal.SharedInference;
import dev.omniflow.flink.internal.WatermarkHold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a session program for every key. Graph calls leave for the process's scheduler, where they
 * share batches with those of other sessions and subtasks, and come back as mails on the task's
 * thread.
 *
 * <p>What it guarantees:
 *
 * <ul>
 *   <li>A session's inputs reach its program in order, each once; repeated ones are dropped.
 *   <li>Emission and state are one step on the task's thread: a checkpoint holds a session's
 *       outputs exactly if it holds the state after them. Calls in flight are no state; nothing is
 *       drained before a barrier.
 *   <li>Sessions that keep inputs go on after a restore without waiting for new ones.
 *   <li>A watermark passes when all that came before it has had its effects.
 *   <li>At most {@code maxPendingInputs} inputs wait; then the operator takes no more until calls
 *       return.
 * </ul>
 *
 * @param <K> keys: sessions
 * @param <I> inputs
 * @param <O> outputs
 */
final class StatefulInferenceOperator<K, I, O> extends AbstractStreamOperator<O>
        implements OneInputStreamOperator<I, O>, BoundedOneInput {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(StatefulInferenceOperator.class);

    private final InferenceProvider<I, O> provider;
    private final InputOrder<I> order;
    private final int maxPendingInputs;
    private final TypeInformation<I> inputType;
    private final MailboxExecutor mailbox;

    /**
     * Sessions in memory. A session that is in state only is loaded when it has something to do.
     */
    private final transient Map<K, Session<K, I>> sessions = new HashMap<>();

    private final transient WatermarkHold watermarks =
            new WatermarkHold(mark -> output.emitWatermark(mark));

    private transient SessionStore<I> store;
    private transient Inference<I, O> inference;
    private transient Counter dropped;

    /** Inputs in the sessions' inboxes; INVARIANT: the sum of {@link Session#waiting}. */
    private transient int pendingInputs;

    StatefulInferenceOperator(
            StreamOperatorParameters<O> parameters,
            InferenceProvider<I, O> provider,
            InputOrder<I> order,
            int maxPendingInputs,
            TypeInformation<I> inputType) {
        super(parameters);
        this.provider = provider;
        this.order = order;
        this.maxPendingInputs = maxPendingInputs;
        this.inputType = inputType;
        mailbox = parameters.getMailboxExecutor();
    }

    // ---- lifecycle
    // ------------------------------------------------------------------------------------------------

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        store = new SessionStore<>(context.getKeyedStateStore(), inputType);
    }

    @Override
    public void open() throws Exception {
        super.open();
        inference = SharedInference.acquire(provider);
        dropped = getMetricGroup().counter("droppedInputs");
        getMetricGroup().gauge("sessions", sessions::size);
        getMetricGroup().gauge("pendingInputs", () -> pendingInputs);
        // As a mail: it runs before the first element, but when the task may emit.
        mailbox.execute(this::resumeSessions, "resume sessions");
    }

    /** Loads the sessions that kept inputs, so that they go on and hold the watermark again. */
    private void resumeSessions() throws Exception {
        List<K> keys = SessionStore.keysWithInputs(this.<K>getKeyedStateBackend());
        for (K key : keys) {
            if (!sessions.containsKey(key)) {
                setCurrentKey(key);
                advance(load(key));
            }
        }
        if (!keys.isEmpty()) {
            LOG.info("resumed {} sessions", keys.size());
        }
    }

    @Override
    public void endInput() throws Exception {
        while (anyAtWork()) {
            mailbox.yield();
        }
    }

    private boolean anyAtWork() {
        if (pendingInputs > 0) {
            return true;
        }
        for (Session<K, I> session : sessions.values()) {
            if (session.callsInFlight() > 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws Exception {
        sessions.values().forEach(Session::close);
        sessions.clear();
        if (inference != null) {
            inference = null;
            SharedInference.release(provider);
        }
        super.close();
    }

    // ---- inputs
    // ---------------------------------------------------------------------------------------------------

    @Override
    @SuppressWarnings("unchecked") // the key selector of the stream gives K
    public void processElement(StreamRecord<I> element) throws Exception {
        K key = (K) getCurrentKey();
        I input = element.getValue();
        Session<K, I> session = sessions.get(key);
        if (session == null) {
            if (store.hasEnded()) {
                dropped.inc();
                return;
            }
            session = load(key);
        }
        if (!session.admits(order.epoch(input), order.sequence(input))) {
            dropped.inc();
            return;
        }
        long timestamp = element.hasTimestamp() ? element.getTimestamp() : Long.MIN_VALUE;
        long index = session.takeIndex();
        store.put(index, timestamp, input);
        session.enqueue(new Session.Arrival<>(index, timestamp, watermarks.arrived(), input));
        pendingInputs++;
        advance(session);
        while (pendingInputs >= maxPendingInputs) {
            mailbox.yield();
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        // Nothing here waits for event time, so the mark is only held, not acted on.
        watermarks.watermark(mark);
    }

    /** Makes the session of the current key from its state. */
    private Session<K, I> load(K key) throws Exception {
        Optional<SessionEnvelope> envelope = store.envelope();
        NavigableMap<Long, Tuple2<Long, I>> kept = store.inputs();
        long accepted = envelope.map(SessionEnvelope::accepted).orElse(0L);
        List<IndexedInput<I>> retained = new ArrayList<>();
        kept.headMap(accepted)
                .forEach((index, input) -> retained.add(new IndexedInput<>(index, input.f1)));
        Context context = new Context();
        SessionProgram<I> program =
                inference
                        .programs()
                        .create(context, envelope.map(SessionEnvelope::program), retained);
        Session<K, I> session =
                new Session<>(
                        key,
                        program,
                        envelope.map(SessionEnvelope::nextIndex).orElse(0L),
                        accepted,
                        envelope.map(SessionEnvelope::epoch).orElse(0),
                        envelope.map(SessionEnvelope::lastSequence).orElse(-1L));
        context.session = session;
        sessions.put(key, session);
        kept.forEach(
                (index, input) -> {
                    Session.Arrival<I> arrival =
                            new Session.Arrival<>(index, input.f0, watermarks.arrived(), input.f1);
                    if (index < accepted) {
                        session.remember(arrival);
                    } else {
                        session.enqueue(arrival);
                        pendingInputs++;
                    }
                });
        program.resume();
        return session;
    }

    /**
     * Lets the session of the current key do what it can without waiting, and writes down what
     * changed.
     */
    private void advance(Session<K, I> session) throws Exception {
        while (session.hasDeliverable()) {
            session.deliver();
            pendingInputs--;
        }
        if (session.program().ended()) {
            end(session);
            return;
        }
        session.takeFolded(store::remove);
        session.takeSettled(watermarks::settled);
    }

    private void end(Session<K, I> session) throws Exception {
        pendingInputs -= session.waiting();
        session.close();
        session.takeSettled(watermarks::settled);
        sessions.remove(session.key());
        store.end();
    }

    // ---- calls
    // ----------------------------------------------------------------------------------------------------

    private final class Context implements SessionContext<O> {
        private @Nullable Session<K, I> session;

        private Session<K, I> session() {
            Session<K, I> present = session;
            if (present == null) {
                throw new IllegalStateException(
                        "a program may use its context from resume() on, not while it is made");
            }
            return present;
        }

        @Override
        public void call(GraphCall call, CallClass callClass) {
            Session<K, I> caller = session();
            caller.called(
                    call,
                    inference.scheduler().submit(call, result -> deliver(caller, call, result)));
        }

        @Override
        public GraphCache newCache() {
            return inference.runtime().newCache();
        }

        @Override
        public void emit(long cause, O value) {
            StreamRecord<O> emitted = new StreamRecord<>(value);
            long timestamp = session().timestamp(cause);
            if (timestamp != Long.MIN_VALUE) {
                emitted.setTimestamp(timestamp);
            }
            output.collect(emitted);
        }
    }

    /** On a lane's thread: hands a result to the task's. */
    private void deliver(Session<K, I> session, GraphCall call, GraphResult result) {
        try {
            mailbox.execute(() -> complete(session, call, result), "graph call returned");
        } catch (RejectedExecutionException e) {
            // The task is closing: its state is as of the last checkpoint, and the call will be
            // asked again from there.
            LOG.debug("a result of {} came after the task closed", call.graph());
        }
    }

    private void complete(Session<K, I> session, GraphCall call, GraphResult result)
            throws Exception {
        if (session.closed()) {
            return;
        }
        if (result instanceof GraphResult.DeviceLost lost) {
            throw new IllegalStateException(
                    "the device that runs " + call.graph() + " failed", lost.cause());
        }
        // Mails also run while processElement waits for room, so the key of that element is put
        // back.
        Object interrupted = getCurrentKey();
        setCurrentKey(session.key());
        session.returned(call);
        session.program().complete(call, result);
        advance(session);
        if (interrupted != null) {
            setCurrentKey(interrupted);
        }
    }

    // ---- checkpoints
    // ----------------------------------------------------------------------------------------------

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        Object interrupted = getCurrentKey();
        for (Session<K, I> session : sessions.values()) {
            setCurrentKey(session.key());
            store.write(session.envelope());
        }
        if (interrupted != null) {
            setCurrentKey(interrupted);
        }
    }
}
