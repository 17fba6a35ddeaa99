package dev.omniflow.onnx;

import java.nio.FloatBuffer;

/** Arithmetic of shapes. */
final class Shapes {
    private Shapes() {}

    static long elements(long[] shape) {
        long elements = 1;
        for (long dimension : shape) {
            elements *= dimension;
        }
        return elements;
    }

    static int roundUp(int value, int multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }

    /** The shape with another first dimension in front. */
    static long[] batched(long batch, long[] rowShape) {
        long[] shape = new long[rowShape.length + 1];
        shape[0] = batch;
        System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
        return shape;
    }

    /** The shape without its first dimension. */
    static long[] row(long[] shape) {
        long[] row = new long[shape.length - 1];
        System.arraycopy(shape, 1, row, 0, row.length);
        return row;
    }

    /**
     * Writes {@code [heads, count, width]} into {@code [heads, padded, width]} from position {@code
     * at} on.
     */
    static void scatter(
            FloatBuffer from, FloatBuffer to, int heads, int count, int width, int padded, int at) {
        for (int head = 0; head < heads; head++) {
            to.put((head * padded + at) * width, from, head * count * width, count * width);
        }
    }
}
