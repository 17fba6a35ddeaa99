package dev.omniflow.app.bench.operator;

import java.util.HashMap;
import java.util.Map;

/**
 * Sees to it that all ways do the same: sessions over the same sound have the same results in every
 * way, in every round, in any batch. Not thread-safe.
 */
final class Digests {
    private final Map<Integer, Long> expected = new HashMap<>();

    /**
     * @throws BenchException if earlier sessions over the same sound had another digest
     */
    void check(String way, int session, long digest) throws BenchException {
        Long before = expected.putIfAbsent(session % Sound.COUNT, digest);
        if (before != null && before != digest) {
            throw new BenchException(
                    "session "
                            + session
                            + " has other results through "
                            + way
                            + " than sessions over the same sound had before: the ways do not run"
                            + " the same, or a neighbour in a batch changes a result");
        }
    }
}
