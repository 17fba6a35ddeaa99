package dev.omniflow.app.bench.operator;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;

/** What a session says: which one, its digest, and why it failed; empty if it did not. */
final class Answer {
    static final TypeInformation<Tuple3<Integer, Long, String>> TYPE =
            Types.TUPLE(Types.INT, Types.LONG, Types.STRING);

    private Answer() {}

    static Tuple3<Integer, Long, String> of(int session, long digest) {
        return Tuple3.of(session, digest, "");
    }

    static Tuple3<Integer, Long, String> failed(int session, String reason) {
        return Tuple3.of(session, 0L, reason);
    }
}
