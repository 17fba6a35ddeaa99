package dev.omniflow.flink;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.schedule.BatchScheduler;
import dev.omniflow.core.schedule.CallClass;
import dev.omniflow.core.schedule.CallTiming;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.flink.internal.InferenceMetrics;
import dev.omniflow.flink.internal.Session;
import dev.omniflow.flink.internal.SessionEnvelope;
import dev.omniflow.flink.internal.SessionStore;
import dev.omniflow.flink.internal.SharedInference;
import dev.omniflow.flink.internal.WatermarkHold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.function.ThrowingRunnable;
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
 *   <li>Sessions take seats at the scheduler; those that find none wait, first come, first served.
 *   <li>Sessions at rest leave memory, and those that never end are forgotten in time.
 *   <li>At most {@code maxPendingInputs} inputs wait; then the operator takes no more until calls
 *       return.
 * </ul>
 *
 * @param <K> keys: sessions
 * @param <I> inputs
 * @param <O> outputs
 */
final class StatefulInferenceOperator<K, I, O> extends AbstractStreamOperator<O>
        implements OneInputStreamOperator<I, O>, BoundedOneInput, Triggerable<K, VoidNamespace> {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(StatefulInferenceOperator.class);

    private final InferenceProvider<I, O> provider;
    private final InputOrder<I> order;
    private final SessionLimits limits;
    private final TypeInformation<I> inputType;
    private final MailboxExecutor mailbox;

    /**
     * Sessions in memory. A session that is in state only is loaded when it has something to do.
     */
    private final transient Map<K, Session<K, I>> sessions = new HashMap<>();

    /** Sessions that have something to do, but no seat at the scheduler, in the order they came. */
    private final transient Map<K, Session<K, I>> awaitingSeat = new LinkedHashMap<>();

    /** Calls that came back and were not taken yet. */
    private final transient Queue<Returned<K, I>> returned = new ConcurrentLinkedQueue<>();

    /** Whether a mail is on its way that takes them. */
    private final transient AtomicBoolean takingPosted = new AtomicBoolean();

    private final transient WatermarkHold watermarks = new WatermarkHold();

    private transient SessionStore<I> store;
    private transient Inference<I, O> inference;
    private transient InferenceMetrics figures;
    private transient InternalTimerService<VoidNamespace> timers;

    /** Inputs in the sessions' inboxes; INVARIANT: the sum of {@link Session#waiting}. */
    private transient int pendingInputs;

    /** Sessions that hold a seat; INVARIANT: those of {@code sessions} that are seated. */
    private transient int seated;

    /** Whether the scheduler will say when a seat is free. */
    private transient boolean seatPromised;

    StatefulInferenceOperator(
            StreamOperatorParameters<O> parameters,
            InferenceProvider<I, O> provider,
            InputOrder<I> order,
            SessionLimits limits,
            TypeInformation<I> inputType) {
        super(parameters);
        this.provider = provider;
        this.order = order;
        this.limits = limits;
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
        timers =
                getInternalTimerService("session-lifetime", VoidNamespaceSerializer.INSTANCE, this);
        inference = SharedInference.acquire(provider);
        figures = new InferenceMetrics(getMetricGroup(), inference);
        getMetricGroup().gauge("sessions", sessions::size);
        getMetricGroup().gauge("sessionsAwaitingSeat", awaitingSeat::size);
        getMetricGroup().gauge("pendingInputs", () -> pendingInputs);
        // As a mail: it runs before the first element, but when the task may emit.
        mailbox.execute(this::resumeSessions, "resume sessions");
        scheduleUnloading();
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
        inference.scheduler().wakeLanes();
        if (!keys.isEmpty()) {
            LOG.info("resumed {} sessions", keys.size());
        }
    }

    @Override
    public void endInput() throws Exception {
        while (pendingInputs > 0 || seated > 0 || !awaitingSeat.isEmpty()) {
            mailbox.yield();
        }
    }

    @Override
    public void close() throws Exception {
        sessions.values().forEach(Session::close);
        sessions.clear();
        if (inference != null) {
            SharedInference.release(provider, inference);
            inference = null;
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
                figures.dropped();
                return;
            }
            session = load(key);
        }
        if (!session.admits(order.epoch(input), order.sequence(input), now())) {
            figures.dropped();
            return;
        }
        long timestamp = element.hasTimestamp() ? element.getTimestamp() : Long.MIN_VALUE;
        long index = session.takeIndex();
        store.put(index, timestamp, input);
        session.enqueue(new Session.Arrival<>(index, timestamp, watermarks.arrived(), input));
        pendingInputs++;
        advance(session);
        inference.scheduler().wakeLanes();
        while (pendingInputs >= limits.maxPendingInputs()) {
            mailbox.yield();
        }
    }

    // Nothing here waits for event time, so what tells it is only held, not acted on.

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        watermarks.hold(() -> output.emitWatermark(mark));
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        watermarks.hold(() -> output.emitWatermarkStatus(status));
    }

    @Override
    public void processLatencyMarker(LatencyMarker marker) throws Exception {
        watermarks.hold(() -> reportOrForwardLatencyMarker(marker));
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
                envelope.isPresent()
                        ? new Session<>(key, program, envelope.get())
                        : new Session<>(key, program);
        context.session = session;
        sessions.put(key, session);
        if (session.timerMs() == 0) {
            // New, or of a release that did not tell: from now on it has a lifetime.
            session.timerSet(setTimer(now() + limits.forgetAfter().toMillis()));
        }
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
        return session;
    }

    /**
     * Lets the session of the current key do what it can without waiting, and writes down what
     * changed.
     */
    private void advance(Session<K, I> session) throws Exception {
        if (!seat(session)) {
            return;
        }
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
        if (session.callsInFlight() == 0) {
            if (session.waiting() > 0) {
                throw new IllegalStateException(
                        "the program of session "
                                + session.key()
                                + " takes no input and awaits no call: it would wait for ever");
            }
            session.rise();
            seated--;
        }
    }

    private void end(Session<K, I> session) throws Exception {
        pendingInputs -= session.waiting();
        leaveMemory(session);
        session.takeSettled(watermarks::settled);
        timers.deleteProcessingTimeTimer(VoidNamespace.INSTANCE, session.timerMs());
        store.end();
    }

    private void leaveMemory(Session<K, I> session) {
        if (session.seated()) {
            seated--;
        }
        session.close();
        sessions.remove(session.key());
        awaitingSeat.remove(session.key());
    }

    // ---- seats
    // ----------------------------------------------------------------------------------------------------

    /** Whether the session has a seat at the scheduler now; if not, it goes on when one is free. */
    private boolean seat(Session<K, I> session) {
        if (session.seated()) {
            return true;
        }
        // Whoever waits longer sits down first.
        if (awaitingSeat.isEmpty() || isFirstInLine(session)) {
            Optional<BatchScheduler.Seat> free = inference.scheduler().trySeat();
            if (free.isPresent()) {
                awaitingSeat.remove(session.key());
                seated++;
                session.sit(free.get());
                return true;
            }
        }
        awaitingSeat.putIfAbsent(session.key(), session);
        if (!seatPromised) {
            seatPromised = true;
            inference
                    .scheduler()
                    .whenSeatFree(() -> post(this::seatSessions, "a seat may be free"));
        }
        return false;
    }

    private boolean isFirstInLine(Session<K, I> session) {
        return awaitingSeat.values().iterator().next() == session;
    }

    private void seatSessions() throws Exception {
        seatPromised = false;
        while (!awaitingSeat.isEmpty()) {
            Session<K, I> first = awaitingSeat.values().iterator().next();
            withKey(first.key(), () -> advance(first));
            if (awaitingSeat.get(first.key()) == first) {
                break;
            }
        }
        inference.scheduler().wakeLanes();
    }

    // ---- lifetime
    // -------------------------------------------------------------------------------------------------

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }

    private long setTimer(long timeMs) {
        timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, timeMs);
        return timeMs;
    }

    @Override
    public void onProcessingTime(InternalTimer<K, VoidNamespace> timer) throws Exception {
        Session<K, I> session = sessions.get(timer.getKey());
        Optional<SessionEnvelope> envelope = session == null ? store.envelope() : Optional.empty();
        if (session == null && envelope.isEmpty()) {
            return;
        }
        long lifetime = limits.forgetAfter().toMillis();
        long lastActive = session == null ? envelope.get().lastActiveMs() : session.lastActiveMs();
        boolean atWork = session != null && !session.atRest();
        if (atWork || lastActive + lifetime > now()) {
            long again = Math.max(lastActive + lifetime, now() + Math.max(1, lifetime / 4));
            if (session == null) {
                store.write(envelope.get().withTimer(setTimer(again)));
            } else {
                session.timerSet(setTimer(again));
            }
            return;
        }
        LOG.warn(
                "session {} had no input for {} and never ended: its state is forgotten",
                timer.getKey(),
                limits.forgetAfter());
        figures.expired();
        if (session == null) {
            store.end();
        } else {
            end(session);
        }
    }

    @Override
    public void onEventTime(InternalTimer<K, VoidNamespace> timer) {
        throw new IllegalStateException("no timer here is set on event time");
    }

    /** For tests. */
    Set<K> sessionsInMemory() {
        return Set.copyOf(sessions.keySet());
    }

    private void scheduleUnloading() {
        long interval = Math.max(1, limits.unloadAfter().toMillis() / 4);
        ScheduledFuture<?> unused =
                getProcessingTimeService()
                        .registerTimer(now() + interval, time -> unloadSessions());
    }

    /** Writes down sessions that are long at rest and drops them from memory. */
    private void unloadSessions() throws Exception {
        long before = now() - limits.unloadAfter().toMillis();
        for (Session<K, I> session : List.copyOf(sessions.values())) {
            if (session.atRest() && session.lastActiveMs() <= before) {
                withKey(session.key(), () -> unload(session));
            }
        }
        scheduleUnloading();
    }

    private void unload(Session<K, I> session) throws Exception {
        if (session.changed()) {
            store.write(session.takeEnvelope());
        }
        leaveMemory(session);
        figures.unloaded();
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
            caller.call(
                    call,
                    callClass,
                    (result, timing) -> returned(new Returned<>(caller, call, result, timing)));
        }

        @Override
        public void cancel(GraphCall call) {
            session().cancel(call);
        }

        @Override
        public GraphCache newCache() {
            if (session().resuming()) {
                figures.rebuilt();
            }
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

    /** On any thread: hands something to the task's. */
    private void post(ThrowingRunnable<Exception> action, String what) {
        try {
            mailbox.execute(action, what);
        } catch (RejectedExecutionException e) {
            // The task is closing: its state is as of the last checkpoint, and the call will be
            // asked again from there.
            LOG.debug("too late, the task has closed: {}", what);
        }
    }

    /** A call that came back. */
    private record Returned<K, I>(
            Session<K, I> session, GraphCall call, GraphResult result, CallTiming timing) {}

    /**
     * On a lane's thread. The results of a run come one by one, and the first of them asks the
     * task's thread to take all that are there by then: sessions of a batch go on together, and so
     * their next calls find each other again.
     */
    private void returned(Returned<K, I> call) {
        returned.add(call);
        if (takingPosted.compareAndSet(false, true)) {
            post(this::takeReturned, "graph calls returned");
        }
    }

    private void takeReturned() throws Exception {
        takingPosted.set(false);
        for (Returned<K, I> call = returned.poll(); call != null; call = returned.poll()) {
            complete(call);
        }
        inference.scheduler().wakeLanes();
    }

    private void complete(Returned<K, I> returnedCall) throws Exception {
        Session<K, I> session = returnedCall.session();
        GraphCall call = returnedCall.call();
        if (session.closed()) {
            return;
        }
        if (returnedCall.result() instanceof GraphResult.DeviceLost lost) {
            SharedInference.condemn(provider, inference);
            throw new IllegalStateException(
                    "the device that runs " + call.graph() + " failed", lost.cause());
        }
        figures.returned(call.graph(), returnedCall.timing());
        if (session.returned(call)) {
            withKey(
                    session.key(),
                    () -> {
                        session.program().complete(call, returnedCall.result());
                        advance(session);
                    });
        }
    }

    /**
     * Acts on a session's state. Mails also run while {@link #processElement} waits for room, so
     * the key of that element is put back.
     */
    private void withKey(K key, ThrowingRunnable<Exception> action) throws Exception {
        Object interrupted = getCurrentKey();
        setCurrentKey(key);
        action.run();
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
        int written = 0;
        long bytes = 0;
        for (Session<K, I> session : sessions.values()) {
            if (session.changed()) {
                setCurrentKey(session.key());
                bytes += store.write(session.takeEnvelope());
                written++;
            }
        }
        figures.wrote(written, bytes);
        if (interrupted != null) {
            setCurrentKey(interrupted);
        }
    }
}
