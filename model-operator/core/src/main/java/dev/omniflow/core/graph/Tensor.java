package dev.omniflow.core.graph;

import java.util.Arrays;
import java.util.Objects;

/**
 * A dense, row-major array of numbers on the heap: how session programs hand values to graphs and
 * get them back. The array is shared, not copied: whoever hands a tensor over no longer writes to
 * it.
 */
public sealed interface Tensor {
    /** Dimensions, outermost first. */
    long[] shape();

    /** Number of elements. */
    int size();

    /** 32 bit floats. */
    record Floats(float[] data, long... shape) implements Tensor {
        public Floats {
            Objects.requireNonNull(data, "data");
            requireSize(data.length, shape);
        }

        @Override
        public int size() {
            return data.length;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Floats that
                    && Arrays.equals(data, that.data)
                    && Arrays.equals(shape, that.shape);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(data) + Arrays.hashCode(shape);
        }

        @Override
        public String toString() {
            return "float32" + Arrays.toString(shape);
        }
    }

    /** 64 bit integers. */
    record Longs(long[] data, long... shape) implements Tensor {
        public Longs {
            Objects.requireNonNull(data, "data");
            requireSize(data.length, shape);
        }

        @Override
        public int size() {
            return data.length;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Longs that
                    && Arrays.equals(data, that.data)
                    && Arrays.equals(shape, that.shape);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(data) + Arrays.hashCode(shape);
        }

        @Override
        public String toString() {
            return "int64" + Arrays.toString(shape);
        }
    }

    /** A tensor of floats. */
    static Floats of(float[] data, long... shape) {
        return new Floats(data, shape);
    }

    /** A tensor of integers. */
    static Longs of(long[] data, long... shape) {
        return new Longs(data, shape);
    }

    /** Its elements as floats. */
    default float[] floats() {
        if (this instanceof Floats floats) {
            return floats.data();
        }
        throw new IllegalStateException("expected a tensor of float32, but it is " + this);
    }

    /** Its elements as integers. */
    default long[] longs() {
        if (this instanceof Longs longs) {
            return longs.data();
        }
        throw new IllegalStateException("expected a tensor of int64, but it is " + this);
    }

    private static void requireSize(int length, long[] shape) {
        long size = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException(
                        "a tensor's dimensions are >= 0, not " + Arrays.toString(shape));
            }
            size = Math.multiplyExact(size, dimension);
        }
        if (size != length) {
            throw new IllegalArgumentException(
                    "a tensor of shape "
                            + Arrays.toString(shape)
                            + " has "
                            + size
                            + " elements, not "
                            + length);
        }
    }
}
