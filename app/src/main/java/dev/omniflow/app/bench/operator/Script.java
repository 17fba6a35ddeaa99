package dev.omniflow.app.bench.operator;

import java.util.List;
import java.util.Optional;
import org.apache.flink.api.java.tuple.Tuple4;

/** What a session is told in a round. */
interface Script {
    /** Its first turn, if something comes before what is timed; it answers when that is done. */
    Optional<Tuple4<Integer, Long, Integer, short[]>> prepare(int session);

    /** The turns that are timed; it answers when all of them are done. */
    List<Tuple4<Integer, Long, Integer, short[]>> go(int session);
}
