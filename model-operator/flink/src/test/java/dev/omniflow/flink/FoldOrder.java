package dev.omniflow.flink;

import org.apache.flink.api.java.tuple.Tuple4;

/** Inputs of {@link FoldProgram} carry their order. */
final class FoldOrder implements InputOrder<Tuple4<String, Integer, Long, String>> {
    private static final long serialVersionUID = 1;

    @Override
    public long sequence(Tuple4<String, Integer, Long, String> input) {
        return input.f2;
    }

    @Override
    public int epoch(Tuple4<String, Integer, Long, String> input) {
        return input.f1;
    }
}
