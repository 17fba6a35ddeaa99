package dev.omniflow.app.bench.operator;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple4;

/**
 * What a session is told: session, number within the session, what to do, and the sound that
 * belongs to it.
 */
final class Turn {
    static final TypeInformation<Tuple4<Integer, Long, Integer, short[]>> TYPE =
            Types.TUPLE(Types.INT, Types.LONG, Types.INT, Types.PRIMITIVE_ARRAY(Types.SHORT));

    /** Do what comes before the calls that are timed. */
    static final int PREPARE = 0;

    /** Make calls; more will come. */
    static final int GO_ON = 1;

    /** Make calls; then the session is over. */
    static final int FINISH = 2;

    private static final short[] SILENCE = {};

    private Turn() {}

    static Tuple4<Integer, Long, Integer, short[]> of(int session, long sequence, int what) {
        return of(session, sequence, what, SILENCE);
    }

    static Tuple4<Integer, Long, Integer, short[]> of(
            int session, long sequence, int what, short[] sound) {
        return Tuple4.of(session, sequence, what, sound);
    }
}
