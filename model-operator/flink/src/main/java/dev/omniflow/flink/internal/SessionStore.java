package dev.omniflow.flink.internal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;

/**
 * The keyed state of sessions. Inputs are put one by one as they come and removed as they are
 * folded in; the small rest is written when a checkpoint comes. Every method but {@link
 * #keysWithInputs} works on the backend's current key.
 *
 * @param <I> inputs
 */
public final class SessionStore<I> {
    /** How long an ended session is remembered, so that what comes late does not open it again. */
    private static final Duration REMEMBER_ENDED = Duration.ofHours(1);

    private static final String INPUTS = "inputs";

    private final ValueState<byte[]> envelope;
    private final MapState<Long, Tuple2<Long, I>> inputs;
    private final ValueState<Boolean> ended;

    public SessionStore(KeyedStateStore store, TypeInformation<I> inputType) {
        envelope =
                store.getState(
                        new ValueStateDescriptor<>(
                                "session", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        inputs =
                store.getMapState(
                        new MapStateDescriptor<>(
                                INPUTS, Types.LONG, Types.TUPLE(Types.LONG, inputType)));
        ValueStateDescriptor<Boolean> endedDescriptor =
                new ValueStateDescriptor<>("ended", Types.BOOLEAN);
        endedDescriptor.enableTimeToLive(StateTtlConfig.newBuilder(REMEMBER_ENDED).build());
        ended = store.getState(endedDescriptor);
    }

    public Optional<SessionEnvelope> envelope() throws Exception {
        return Optional.ofNullable(envelope.value()).map(SessionEnvelope::fromBytes);
    }

    /** Writes a session down; gives the bytes that it takes. */
    public int write(SessionEnvelope value) throws Exception {
        byte[] bytes = value.toBytes();
        envelope.update(bytes);
        return bytes.length;
    }

    /** Keeps an input with its event time. */
    public void put(long index, long timestamp, I input) throws Exception {
        inputs.put(index, Tuple2.of(timestamp, input));
    }

    public void remove(long index) throws Exception {
        inputs.remove(index);
    }

    /** The inputs that are kept, with their event times, by index. */
    public NavigableMap<Long, Tuple2<Long, I>> inputs() throws Exception {
        NavigableMap<Long, Tuple2<Long, I>> byIndex = new TreeMap<>();
        for (Map.Entry<Long, Tuple2<Long, I>> entry : inputs.entries()) {
            byIndex.put(entry.getKey(), entry.getValue());
        }
        return byIndex;
    }

    public boolean hasEnded() throws Exception {
        return ended.value() != null;
    }

    /** Forgets the session, but for a while that it was there. */
    public void end() throws Exception {
        envelope.clear();
        inputs.clear();
        ended.update(true);
    }

    /** The sessions of this subtask that keep inputs. */
    public static <K> List<K> keysWithInputs(KeyedStateBackend<K> backend) {
        try (Stream<K> keys = backend.getKeys(INPUTS, VoidNamespace.INSTANCE)) {
            return keys.distinct().toList();
        }
    }
}
