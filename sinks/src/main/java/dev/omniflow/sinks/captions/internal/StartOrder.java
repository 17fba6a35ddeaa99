package dev.omniflow.sinks.captions.internal;

import dev.omniflow.sinks.captions.CueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Puts what comes in order on each channel into one order over all of them, by begin.
 *
 * <p>An item goes out as soon as every other channel has come as far, or media is {@link
 * CueLayout#HOLD_US} past it: what comes later than that goes out out of order, never lost. Of one
 * channel, everything goes out at once.
 *
 * @param <T> what is ordered
 */
final class StartOrder<T> {
    private record Item<T>(long startUs, long arrival, T value) {}

    private final PriorityQueue<Item<T>> waiting =
            new PriorityQueue<>(
                    Comparator.<Item<T>>comparingLong(Item::startUs)
                            .thenComparingLong(Item::arrival));
    private final long[] reachedUs;
    private long latestUs = Long.MIN_VALUE;
    private long arrivals;

    /**
     * @param channels number of channels
     */
    StartOrder(int channels) {
        reachedUs = new long[channels];
        Arrays.fill(reachedUs, Long.MIN_VALUE);
    }

    /** Takes an item; gives what can go out now, in order. */
    List<T> add(int channel, long startUs, T value) {
        if (channel < 0 || channel >= reachedUs.length) {
            throw new IllegalArgumentException(
                    "the session has channels 0 to "
                            + (reachedUs.length - 1)
                            + ", but this is of channel "
                            + channel);
        }
        waiting.add(new Item<>(startUs, arrivals++, value));
        reachedUs[channel] = Math.max(reachedUs[channel], startUs);
        latestUs = Math.max(latestUs, startUs);
        long safeUs = Long.MAX_VALUE;
        for (long reached : reachedUs) {
            safeUs = Math.min(safeUs, reached);
        }
        return take(Math.max(safeUs, latestUs - CueLayout.HOLD_US));
    }

    /** All the rest, in order. */
    List<T> finish() {
        return take(Long.MAX_VALUE);
    }

    private List<T> take(long untilUs) {
        List<T> taken = new ArrayList<>();
        for (Item<T> head = waiting.peek();
                head != null && head.startUs <= untilUs;
                head = waiting.peek()) {
            taken.add(head.value);
            waiting.remove();
        }
        return taken;
    }
}
