package dev.omniflow.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a runtime promises besides for bundles whose sessions keep a cache. */
public abstract class GraphCacheContract extends GraphRuntimeContract {
    /**
     * A call that may share a batch with the session's next one, and on whose values the graph
     * fails.
     */
    protected abstract GraphCall poisoned(Going session);

    /** After so many calls a session's cache has been appended to, and it has more calls. */
    protected abstract int stepsToFirstAppend();

    /** How often to try what may go either way. */
    protected int rounds() {
        return 50;
    }

    @Test
    void growsCachesAcrossBuckets() throws GraphException {
        Set<Object> shapes = new HashSet<>();
        int before = 0;
        int bucket = 1;
        try (Going session = new Going(0)) {
            while (!session.ended()) {
                GraphCall call = session.next();
                bucket = call.plan().bucket();
                shapes.add(session.cache().shapeKey(bucket));
                session.advance(0, 1);
                assertThat(session.cache().length()).isGreaterThanOrEqualTo(before);
                before = session.cache().length();
            }
        }
        assertThat(before).as("crosses a bucket's limit").isGreaterThan(bucket);
        int buckets = (before + bucket - 1) / bucket;
        assertThat(shapes)
                .as("a shape for each bucket, not for each length")
                .hasSizeBetween(buckets, buckets + 2);
    }

    @Test
    void keepsACacheOnTheLaneThatAppendedFirst() throws GraphException {
        try (Going session = new Going(0)) {
            assertThat(session.cache().home()).isEmpty();
            session.advance(2, stepsToFirstAppend());
            assertThat(session.cache().home()).hasValue(2);
            session.advance(2, 1);
            assertThat(session.cache().home()).hasValue(2);
        }
    }

    /** A scheduler retries on any lane that it likes: rows that lie elsewhere are stale there. */
    @Test
    void givesTheSameOnEveryLane() throws GraphException {
        List<Going> sessions = start(3, stepsToFirstAppend());
        for (int round = 0; !sessions.get(0).ended(); round++) {
            runTogether(round % 3, sessions);
        }
        sessions.forEach(Going::close);
    }

    @Test
    void leavesCachesAsTheyWereWhenARunFails() throws GraphException {
        List<Going> sessions = start(3, stepsToFirstAppend());
        Going poisonous = sessions.get(1);
        while (!poisonous.ended()) {
            assertThat(poisoned(poisonous).batchKey()).isEqualTo(poisonous.next().batchKey());
            List<GraphCall> calls = new ArrayList<>(List.of(poisoned(poisonous)));
            for (Going neighbour : List.of(sessions.get(0), sessions.get(2))) {
                if (neighbour.next().batchKey().equals(poisonous.next().batchKey())) {
                    calls.add(calls.size() - 1, neighbour.next());
                }
            }
            failure(calls.toArray(new GraphCall[0]));
            failure(poisoned(poisonous));
            assertThat(poisonous.cache().length())
                    .isEqualTo(model().lengthAfter(poisonous.session(), poisonous.step()));
            // Each result is compared with the one of a session to which nothing happened.
            runTogether(0, sessions);
        }
        sessions.forEach(Going::close);
    }

    @Test
    void refusesAClosedCacheAndSparesItsNeighbours() throws GraphException {
        List<Going> sessions = start(3, stepsToFirstAppend());
        List<GraphCall> calls = sessions.stream().map(Going::next).toList();
        sessions.get(1).close();
        sessions.get(1).close();
        assertThat(failure(calls.get(1))).hasMessageContaining("cache is closed");
        assertThat(failure(calls.toArray(new GraphCall[0])))
                .hasMessageContaining("cache is closed");
        runTogether(0, List.of(sessions.get(0), sessions.get(2)));
        sessions.forEach(Going::close);
    }

    @Test
    void refusesACacheTwiceInARun() throws GraphException {
        List<Going> sessions = start(2, stepsToFirstAppend());
        GraphCall call = sessions.get(0).next();
        assertThat(failure(sessions.get(1).next(), call, call)).hasMessageContaining("in use");
        runTogether(0, sessions);
        sessions.forEach(Going::close);
    }

    /** A new cache may get the memory, the row and the place of one that was closed. */
    @Test
    void keepsNothingOfAClosedCacheForANewOne() throws GraphException {
        List<Going> sessions = start(3, stepsToFirstAppend());
        for (long next = 3; next < 12; next++) {
            runTogether(0, sessions);
            sessions.get((int) (next % 3)).close();
            Going replacement = new Going(next);
            while (replacement.step() < sessions.get((int) ((next + 1) % 3)).step()) {
                replacement.advance(0, 1);
            }
            sessions.set((int) (next % 3), replacement);
            if (sessions.stream().anyMatch(Going::ended)) {
                break;
            }
        }
        sessions.forEach(Going::close);
    }

    /**
     * Either the run was first and its result is right, or the close was and the run is refused.
     */
    @Test
    void survivesACloseAtAnyMomentOfARun() throws Exception {
        for (int round = 0; round < rounds(); round++) {
            List<Going> sessions = start(3, stepsToFirstAppend());
            CountDownLatch begun = new CountDownLatch(1);
            Thread closing =
                    new Thread(
                            () -> {
                                begun.countDown();
                                sessions.get(1).close();
                            });
            List<GraphCall> calls = sessions.stream().map(Going::next).toList();
            closing.start();
            begun.await();
            List<GraphResult.Success> results;
            try {
                results = runtime().run(0, calls);
            } catch (GraphException refused) {
                assertThat(refused).hasMessageContaining("cache is closed");
                closing.join();
                runTogether(0, List.of(sessions.get(0), sessions.get(2)));
                sessions.forEach(Going::close);
                continue;
            }
            closing.join();
            assertThat(results.get(1)).isEqualTo(alone(1).get(sessions.get(1).step()));
            sessions.get(0).returned(results.get(0));
            sessions.get(2).returned(results.get(2));
            if (!sessions.get(0).ended()) {
                runTogether(0, List.of(sessions.get(0), sessions.get(2)));
            }
            sessions.forEach(Going::close);
        }
    }
}
