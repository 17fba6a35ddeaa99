package dev.omniflow.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.bundle.GraphSpec;
import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphRef;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.graph.RuntimeMemory;
import dev.omniflow.core.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every graph runtime promises, whatever the device. Extended for each runtime and bundle; for
 * bundles that keep a cache, extend {@link GraphCacheContract}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GraphRuntimeContract {
    /** The lane of sessions that are gone through alone. */
    private static final int ALONE = 5;

    private final Map<Long, List<GraphResult.Success>> alone = new ConcurrentHashMap<>();
    private GraphRuntime runtime;
    private ContractModel model;
    private RuntimeMemory atFirst;

    /** The runtime under test; nothing is loaded yet. */
    protected abstract GraphRuntime newRuntime();

    /** The bundle that it runs. */
    protected abstract ContractModel newModel() throws Exception;

    /** Most sessions at a time. */
    protected int sessions() {
        return 7;
    }

    @BeforeAll
    final void open() throws Exception {
        runtime = newRuntime();
        model = newModel();
        atFirst = runtime.memory();
        runtime.load(model.bundle());
    }

    @AfterAll
    final void close() {
        runtime.close();
    }

    /** The runtime under test, with its bundle. */
    protected final GraphRuntime runtime() {
        return runtime;
    }

    /** The bundle under test. */
    protected final ContractModel model() {
        return model;
    }

    /** A session that is going on. */
    protected final class Going implements AutoCloseable {
        private final long session;
        private final GraphCache cache = runtime.newCache();
        private final List<GraphResult.Success> results = new ArrayList<>();

        public Going(long session) {
            this.session = session;
        }

        /** Its number. */
        public long session() {
            return session;
        }

        /** Its cache. */
        public GraphCache cache() {
            return cache;
        }

        /** Calls that returned. */
        public int step() {
            return results.size();
        }

        /** Whether it has no more calls. */
        public boolean ended() {
            return step() == model.steps();
        }

        /** Its next call. */
        public GraphCall next() {
            return model.call(cache, session, step(), previous());
        }

        /** The result of its last call. */
        public Optional<GraphResult.Success> previous() {
            return results.isEmpty()
                    ? Optional.empty()
                    : Optional.of(results.get(results.size() - 1));
        }

        /** Takes the result of its next call, which has to be the one that it gets alone. */
        public void returned(GraphResult.Success result) throws GraphException {
            assertThat(result)
                    .as("session %d, call %d", session, step())
                    .isEqualTo(alone(session).get(step()));
            results.add(result);
            assertThat(cache.length()).isEqualTo(model.lengthAfter(session, step()));
        }

        /** Goes on alone for so many calls. */
        public void advance(int lane, int calls) throws GraphException {
            for (int i = 0; i < calls; i++) {
                returned(runtime.run(lane, List.of(next())).get(0));
            }
        }

        @Override
        public void close() {
            cache.close();
        }
    }

    /** What a session gets when nobody shares its runs. */
    protected final List<GraphResult.Success> alone(long session) throws GraphException {
        List<GraphResult.Success> known = alone.get(session);
        if (known != null) {
            return known;
        }
        List<GraphResult.Success> results = new ArrayList<>();
        try (GraphCache cache = runtime.newCache()) {
            for (int step = 0; step < model.steps(); step++) {
                GraphCall call =
                        model.call(
                                cache,
                                session,
                                step,
                                step == 0 ? Optional.empty() : Optional.of(results.get(step - 1)));
                // A lane for each thread, since a lane runs one batch at a time.
                int lane = ALONE + Math.toIntExact(Thread.currentThread().getId());
                results.add(runtime.run(lane, List.of(call)).get(0));
            }
        }
        alone.put(session, results);
        return results;
    }

    /** Sessions that have gone through their first calls, one after the other. */
    protected final List<Going> start(int count, int calls) throws GraphException {
        List<Going> sessions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Going going = new Going(i);
            going.advance(0, calls);
            sessions.add(going);
        }
        return sessions;
    }

    /**
     * Lets sessions go on in random company: in each round some of them make their next call, in
     * any order, as many together as may be. Sessions that end make room for new ones.
     */
    private void mingle(Random random, int lane, long firstSession, int count)
            throws GraphException {
        List<Going> going = new ArrayList<>();
        try {
            long next = firstSession;
            long last = firstSession + count + count / 2;
            while (next < firstSession + count) {
                going.add(new Going(next++));
            }
            while (!going.isEmpty()) {
                Collections.shuffle(going, random);
                int part = 1 + random.nextInt(going.size());
                runTogether(lane, going.subList(0, part));
                for (int i = going.size() - 1; i >= 0; i--) {
                    boolean leavesEarly = random.nextInt(40) == 0;
                    if (going.get(i).ended() || leavesEarly) {
                        going.remove(i).close();
                        if (next < last) {
                            going.add(new Going(next++));
                        }
                    }
                }
            }
        } finally {
            going.forEach(Going::close);
        }
    }

    /** Lets each session make its next call, as many together as may be. */
    protected final void runTogether(int lane, List<Going> going) throws GraphException {
        Map<Object, List<Going>> byKey = new LinkedHashMap<>();
        Map<Going, GraphCall> calls = new HashMap<>();
        for (Going session : going) {
            GraphCall call = session.next();
            calls.put(session, call);
            byKey.computeIfAbsent(call.batchKey(), key -> new ArrayList<>()).add(session);
        }
        for (List<Going> group : byKey.values()) {
            int limit = runtime.maxBatchSize(calls.get(group.get(0)).graph());
            for (int from = 0; from < group.size(); from += limit) {
                List<Going> batch = group.subList(from, Math.min(group.size(), from + limit));
                List<GraphResult.Success> results =
                        runtime.run(lane, batch.stream().map(calls::get).toList());
                assertThat(results).hasSameSizeAs(batch);
                for (int i = 0; i < batch.size(); i++) {
                    batch.get(i).returned(results.get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void givesInAnyCompanyWhatItGivesAlone(long seed) throws GraphException {
        mingle(new Random(seed), 0, 0, sessions());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7, 16})
    void givesInLockstepWhatItGivesAlone(int sessions) throws GraphException {
        List<Going> going = start(Math.min(sessions, sessions()), 0);
        while (!going.get(0).ended()) {
            runTogether(1, going);
        }
        going.forEach(Going::close);
    }

    /** As many sessions as the graph that takes most of them can. */
    @Test
    void givesInTheLargestBatchWhatItGivesAlone() throws GraphException {
        int largest =
                model.bundle().graphs().values().stream()
                        .mapToInt(GraphSpec::maxBatchSize)
                        .max()
                        .orElseThrow();
        List<Going> going = start(largest, 0);
        while (!going.get(0).ended()) {
            runTogether(1, going);
        }
        going.forEach(Going::close);
    }

    @Test
    void givesTheSameTwice() throws GraphException {
        List<GraphResult.Success> first = alone(3);
        alone.remove(3L);
        assertThat(alone(3)).isEqualTo(first);
    }

    /** Else no mix-up would show. */
    @Test
    void givesEachSessionSomethingElse() throws GraphException {
        Set<GraphResult.Success> lasts = new LinkedHashSet<>();
        for (long session = 0; session < sessions(); session++) {
            lasts.add(alone(session).get(model.steps() - 1));
        }
        assertThat(lasts).hasSize(sessions());
    }

    @Test
    void runsLanesAtATime() throws Exception {
        Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int lane = 0; lane < 3; lane++) {
            int mine = lane;
            threads.add(
                    new Thread(
                            () -> {
                                try {
                                    mingle(new Random(mine), mine, mine, Math.min(4, sessions()));
                                } catch (GraphException | RuntimeException | Error e) {
                                    broken.add(e);
                                }
                            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void loadsABundleTwiceWithoutHarm() throws Exception {
        List<GraphResult.Success> before = alone(1);
        alone.remove(1L);
        runtime.load(model.bundle());
        assertThat(alone(1)).isEqualTo(before);
    }

    @Test
    void refusesCallsOfABundleThatIsUnloadedUntilItIsLoadedAgain() throws Exception {
        GraphRuntime fresh = newRuntime();
        try (fresh;
                GraphCache cache = fresh.newCache()) {
            GraphCall call = model.call(cache, 1, 0, Optional.empty());
            String graph = call.graph().toString();
            for (int round = 0; round < 2; round++) {
                fresh.load(model.bundle());
                assertThat(fresh.run(0, List.of(call)).get(0)).isEqualTo(alone(1).get(0));
                fresh.unload(model.bundle().id());
                fresh.unload(model.bundle().id());
                assertThatThrownBy(() -> fresh.run(0, List.of(call)))
                        .isInstanceOfSatisfying(
                                GraphException.class, e -> assertThat(e.deviceLost()).isFalse())
                        .hasMessageContaining("graph " + graph + " is not loaded; loaded are ");
                assertThatThrownBy(() -> fresh.maxBatchSize(call.graph()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("graph " + graph + " is not loaded; loaded are ");
            }
        }
    }

    @Test
    void hasItsMemoryBackOnceSessionsAreOverAndTheBundleIsUnloaded() throws Exception {
        try (GraphRuntime fresh = newRuntime()) {
            for (int round = 0; round < 2; round++) {
                assertThat(fresh.memory()).isEqualTo(atFirst);
                fresh.load(model.bundle());
                long weights = fresh.memory().weights();
                assertThat(weights).isGreaterThan(atFirst.weights());
                try (GraphCache cache = fresh.newCache()) {
                    GraphCall call = model.call(cache, 1, 0, Optional.empty());
                    assertThat(fresh.run(0, List.of(call))).hasSize(1);
                }
                assertThat(fresh.memory().weights()).isEqualTo(weights);
                assertThat(fresh.memory().inUse()).isEqualTo(atFirst.inUse());
                fresh.unload(model.bundle().id());
            }
            assertThat(fresh.memory()).isEqualTo(atFirst);
        }
    }

    @Test
    void runsABundleBesideAnotherVersionOfIt() throws Exception {
        Bundle bundle = model.bundle();
        Bundle other =
                new Bundle(
                        new BundleId(bundle.id().name(), "0.0.1-other"),
                        bundle.directory(),
                        bundle.kind(),
                        bundle.graphs(),
                        bundle.parameters());
        runtime.load(other);
        try (GraphCache cache = runtime.newCache()) {
            GraphCall call = model.call(cache, 1, 0, Optional.empty());
            GraphCall ofOther =
                    new GraphCall(
                            new GraphRef(other.id(), call.graph().graph()),
                            call.inputs(),
                            call.outputs(),
                            call.plan(),
                            call.cache());
            assertThat(runtime.run(0, List.of(ofOther)).get(0)).isEqualTo(alone(1).get(0));
            runtime.unload(other.id());
            assertThat(failure(ofOther)).hasMessageContaining("is not loaded; loaded are ");
            assertThat(runtime.run(0, List.of(call)).get(0)).isEqualTo(alone(1).get(0));
        } finally {
            runtime.unload(other.id());
        }
    }

    /** A run that is under way when its bundle goes comes to its end, and its result is right. */
    @Test
    void endsARunThatIsUnderWayWhenItsBundleGoes() throws Exception {
        GraphResult.Success expected = alone(1).get(0);
        GraphRuntime fresh = newRuntime();
        try (fresh) {
            for (int round = 0; round < 3; round++) {
                fresh.load(model.bundle());
                Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
                CountDownLatch begun = new CountDownLatch(1);
                Thread lane =
                        new Thread(
                                () -> {
                                    boolean unloaded = false;
                                    while (!unloaded && broken.isEmpty()) {
                                        try (GraphCache cache = fresh.newCache()) {
                                            GraphCall call =
                                                    model.call(cache, 1, 0, Optional.empty());
                                            begun.countDown();
                                            assertThat(fresh.run(0, List.of(call)))
                                                    .containsExactly(expected);
                                        } catch (GraphException e) {
                                            unloaded = true;
                                            if (!e.getMessage().contains("is not loaded")) {
                                                broken.add(e);
                                            }
                                        } catch (RuntimeException | Error e) {
                                            broken.add(e);
                                        }
                                    }
                                });
                lane.start();
                begun.await();
                fresh.unload(model.bundle().id());
                lane.join();
                assertThat(broken).isEmpty();
                assertThat(fresh.memory().weights()).isEqualTo(atFirst.weights());
                assertThat(fresh.memory().inUse()).isEqualTo(atFirst.inUse());
            }
        }
    }

    @Test
    void refusesAGraphThatNobodyLoaded() {
        GraphRef unknown = new GraphRef(model.bundle().id(), "unknown");
        assertThat(failure(GraphCall.of(unknown, Map.of(), Set.of())))
                .hasMessageContaining("graph " + unknown + " is not loaded; loaded are ");
        assertThatThrownBy(() -> runtime.maxBatchSize(unknown))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("graph " + unknown + " is not loaded; loaded are ");
    }

    @Test
    void namesTheInputThatIsOfAnotherShape() throws GraphException {
        try (Going session = new Going(0)) {
            GraphCall call = session.next();
            for (Map.Entry<String, Tensor> input : call.inputs().entrySet()) {
                long[] shape = new long[input.getValue().shape().length + 1];
                System.arraycopy(input.getValue().shape(), 0, shape, 0, shape.length - 1);
                shape[shape.length - 1] = 1;
                Tensor deeper =
                        input.getValue() instanceof Tensor.Longs longs
                                ? Tensor.of(longs.data(), shape)
                                : Tensor.of(input.getValue().floats(), shape);
                assertThat(failure(with(call, input.getKey(), deeper)))
                        .hasMessageContaining(input.getKey());
            }
            session.advance(0, 1);
        }
    }

    @Test
    void namesTheInputThatIsOfAnotherType() throws GraphException {
        try (Going session = new Going(0)) {
            GraphCall call = session.next();
            for (Map.Entry<String, Tensor> input : call.inputs().entrySet()) {
                Tensor tensor = input.getValue();
                Tensor other =
                        tensor instanceof Tensor.Longs
                                ? Tensor.of(new float[tensor.size()], tensor.shape())
                                : Tensor.of(new long[tensor.size()], tensor.shape());
                assertThat(failure(with(call, input.getKey(), other)))
                        .hasMessageContaining(input.getKey());
            }
            session.advance(0, 1);
        }
    }

    @Test
    void namesTheInputThatIsMissingOrTooMuch() throws GraphException {
        try (Going session = new Going(0)) {
            GraphCall call = session.next();
            for (String name : call.inputs().keySet()) {
                Map<String, Tensor> without = new HashMap<>(call.inputs());
                without.remove(name);
                assertThat(failure(withInputs(call, without))).hasMessageContaining(name);
            }
            assertThat(failure(with(call, "surplus", Tensor.of(new float[1], 1))))
                    .hasMessageContaining("surplus");
            session.advance(0, 1);
        }
    }

    @Test
    void namesTheOutputThatIsNotThere() throws GraphException {
        try (Going session = new Going(0)) {
            GraphCall call = session.next();
            GraphCall wanting =
                    new GraphCall(
                            call.graph(),
                            call.inputs(),
                            Set.of("surplus"),
                            call.plan(),
                            call.cache());
            assertThat(failure(wanting)).hasMessageContaining("surplus");
            session.advance(0, 1);
        }
    }

    /** How a call fails that is not the device's fault. */
    protected final GraphException failure(GraphCall... calls) {
        GraphException failure =
                catchThrowableOfType(GraphException.class, () -> runtime.run(0, List.of(calls)));
        assertThat(failure).isNotNull();
        assertThat(failure.deviceLost()).isFalse();
        return failure;
    }

    private static GraphCall with(GraphCall call, String name, Tensor tensor) {
        Map<String, Tensor> inputs = new HashMap<>(call.inputs());
        inputs.put(name, tensor);
        return withInputs(call, inputs);
    }

    private static GraphCall withInputs(GraphCall call, Map<String, Tensor> inputs) {
        return new GraphCall(call.graph(), inputs, call.outputs(), call.plan(), call.cache());
    }
}
