package dev.omniflow.core.graph;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which inputs and outputs of a graph live in a {@link GraphCache} instead of travelling with each
 * call. The batch is the first dimension of every one of them.
 *
 * <p>An appended entry grows along its third dimension, {@code [B, heads, length, width]}. The
 * graph reads it padded to the next multiple of {@link #bucket} and is told its true length by
 * {@link #lengthInput}, so that a call's shape depends on that call alone.
 *
 * @param reads entries that the graph takes as inputs of the same name
 * @param stores outputs that become entries, by output: the entry's name
 * @param appends outputs that are appended to entries, by output: the entry's name
 * @param lengthInput the int64 input {@code [B]} that tells the length of the appended entries
 * @param bucket what appended entries are padded to a multiple of
 */
public record CachePlan(
        List<String> reads,
        Map<String, String> stores,
        Map<String, String> appends,
        Optional<String> lengthInput,
        int bucket) {
    /** For graphs that keep nothing. */
    public static final CachePlan NONE =
            new CachePlan(List.of(), Map.of(), Map.of(), Optional.empty(), 1);

    public CachePlan {
        reads = List.copyOf(reads);
        stores = Map.copyOf(stores);
        appends = Map.copyOf(appends);
        Objects.requireNonNull(lengthInput, "lengthInput");
        if (bucket < 1) {
            throw new IllegalArgumentException("bucket is " + bucket + ", not >= 1");
        }
    }

    /** Whether a call needs a cache. */
    public boolean needsCache() {
        return !reads.isEmpty()
                || !stores.isEmpty()
                || !appends.isEmpty()
                || lengthInput.isPresent();
    }
}
