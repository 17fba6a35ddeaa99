package dev.omniflow.core.session;

import java.util.Objects;

/**
 * An input with its number.
 *
 * @param index number of the input within its session, from 0
 * @param input the input
 * @param <I> inputs
 */
public record IndexedInput<I>(long index, I input) {
    public IndexedInput {
        Objects.requireNonNull(input, "input");
    }
}
