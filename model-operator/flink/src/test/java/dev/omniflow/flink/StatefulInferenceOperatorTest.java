package dev.omniflow.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatefulInferenceOperatorTest {
    private static final int MAX_PARALLELISM = 16;
    private static final Duration UNLOAD_AFTER = Duration.ofSeconds(10);
    private static final Duration FORGET_AFTER = Duration.ofSeconds(100);

    private FoldInference provider = new FoldInference();

    /** Where keyed state lies. */
    enum Backend {
        HASH_MAP,
        ROCKS_DB;

        StateBackend make() {
            return this == HASH_MAP ? new HashMapStateBackend() : new EmbeddedRocksDBStateBackend();
        }
    }

    /** One subtask, on the test's thread, with what it emitted. */
    private final class Subtask implements AutoCloseable {
        private final KeyedOneInputStreamOperatorTestHarness<
                        String, Tuple4<String, Integer, Long, String>, String>
                harness;
        private long time = 1000;

        Subtask(Backend backend, int maxPending, Optional<OperatorSubtaskState> state, int... at)
                throws Exception {
            int parallelism = at.length == 0 ? 1 : at[0];
            int index = at.length == 0 ? 0 : at[1];
            var inputType = Types.TUPLE(Types.STRING, Types.INT, Types.LONG, Types.STRING);
            harness =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new StatefulInferenceOperatorFactory<
                                    String, Tuple4<String, Integer, Long, String>, String>(
                                    provider,
                                    new FoldOrder(),
                                    SessionLimits.DEFAULTS
                                            .withMaxPendingInputs(maxPending)
                                            .withUnloadAfter(UNLOAD_AFTER)
                                            .withForgetAfter(FORGET_AFTER),
                                    inputTypeOf(inputType)),
                            input -> input.f0,
                            Types.STRING,
                            MAX_PARALLELISM,
                            parallelism,
                            index);
            harness.setStateBackend(backend.make());
            harness.setup(
                    Types.STRING.createSerializer(
                            harness.getExecutionConfig().getSerializerConfig()));
            if (state.isPresent()) {
                harness.initializeState(state.get());
            } else {
                harness.initializeEmptyState();
            }
            harness.open();
        }

        Subtask send(String session, long sequence, String text) throws Exception {
            return send(session, 0, sequence, text);
        }

        Subtask send(String session, int epoch, long sequence, String text) throws Exception {
            harness.processElement(Tuple4.of(session, epoch, sequence, text), time++);
            return this;
        }

        Subtask sendAll(String session, List<String> texts, int from, int to) throws Exception {
            for (int i = from; i < to; i++) {
                send(session, i, texts.get(i));
            }
            return this;
        }

        /** Runs what the task's thread has to do now. */
        Subtask runMails() throws Exception {
            Optional<Mail> mail = harness.getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
            while (mail.isPresent()) {
                mail.get().run();
                mail = harness.getTaskMailbox().tryTake(TaskMailbox.MIN_PRIORITY);
            }
            return this;
        }

        /** Waits until all that came has had its effects. */
        Subtask drain() throws Exception {
            runMails();
            harness.endInput();
            return this;
        }

        /** Lets the machine's clock go on and does what is due. */
        Subtask at(Duration time) throws Exception {
            harness.setProcessingTime(time.toMillis());
            return runMails();
        }

        @SuppressWarnings("unchecked") // the factory makes this operator
        private StatefulInferenceOperator<String, ?, String> operator() {
            return (StatefulInferenceOperator<String, ?, String>) harness.getOperator();
        }

        Set<String> inMemory() {
            return operator().sessionsInMemory();
        }

        Set<String> knownSessions() {
            try (java.util.stream.Stream<String> keys =
                    operator()
                            .<String>getKeyedStateBackend()
                            .getKeys("session", VoidNamespace.INSTANCE)) {
                return keys.collect(Collectors.toSet());
            }
        }

        OperatorSubtaskState snapshot() throws Exception {
            return harness.snapshot(1, 1);
        }

        List<String> outputs() {
            return harness.extractOutputValues();
        }

        List<String> outputs(String session) {
            return outputs().stream().filter(output -> output.startsWith(session + " ")).toList();
        }

        List<Long> watermarks() {
            return harness.getOutput().stream()
                    .filter(Watermark.class::isInstance)
                    .map(mark -> ((Watermark) mark).getTimestamp())
                    .toList();
        }

        @Override
        public void close() {
            provider.runtime().release();
            try {
                harness.close();
            } catch (Exception e) {
                throw new IllegalStateException("the subtask does not close", e);
            }
        }
    }

    @SuppressWarnings("unchecked") // Types.TUPLE does not say of what
    private static org.apache.flink.api.common.typeinfo.TypeInformation<
                    Tuple4<String, Integer, Long, String>>
            inputTypeOf(org.apache.flink.api.common.typeinfo.TypeInformation<?> type) {
        return (org.apache.flink.api.common.typeinfo.TypeInformation<
                        Tuple4<String, Integer, Long, String>>)
                type;
    }

    private Subtask subtask(Backend backend) throws Exception {
        return new Subtask(backend, 100, Optional.empty());
    }

    private Subtask restored(Backend backend, OperatorSubtaskState state) throws Exception {
        return new Subtask(backend, 100, Optional.of(state));
    }

    private static List<String> texts(int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add("t" + i);
        }
        return texts;
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> joined = new ArrayList<>(first);
        joined.addAll(second);
        return joined;
    }

    @ParameterizedTest
    @EnumSource
    void emitsWithTheTimeOfTheInput(Backend backend) throws Exception {
        try (Subtask subtask = subtask(backend)) {
            subtask.sendAll("a", texts(7), 0, 7).drain();

            assertThat(subtask.outputs()).isEqualTo(FoldProgram.expected("a", texts(7)));
            assertThat(subtask.harness.extractOutputStreamRecords())
                    .extracting(StreamRecord::getTimestamp)
                    .containsExactly(1000L, 1001L, 1002L, 1002L, 1003L, 1004L, 1005L, 1005L, 1006L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnFromASnapshotTakenAnywhere(Backend backend) throws Exception {
        List<String> texts = texts(8);
        for (int cut = 0; cut <= texts.size(); cut++) {
            for (int hold = 0; hold <= cut; hold++) {
                List<String> before;
                OperatorSubtaskState state;
                try (Subtask subtask = subtask(backend)) {
                    subtask.sendAll("a", texts, 0, hold).drain();
                    provider.runtime().hold();
                    subtask.sendAll("a", texts, hold, cut).runMails();
                    state = subtask.snapshot();
                    before = subtask.outputs();
                }
                try (Subtask subtask = restored(backend, state)) {
                    subtask.drain().sendAll("a", texts, cut, texts.size()).drain();

                    assertThat(joined(before, subtask.outputs()))
                            .as("calls held from %s, snapshot at %s", hold, cut)
                            .isEqualTo(FoldProgram.expected("a", texts));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionsWithInputsGoOnWithoutNewOnes(Backend backend) throws Exception {
        OperatorSubtaskState state;
        try (Subtask subtask = subtask(backend)) {
            provider.runtime().hold();
            for (String session : List.of("a", "b", "c")) {
                subtask.sendAll(session, texts(4), 0, 4);
            }
            state = subtask.snapshot();
            assertThat(subtask.outputs()).isEmpty();
        }
        try (Subtask subtask = restored(backend, state)) {
            subtask.drain();

            for (String session : List.of("a", "b", "c")) {
                assertThat(subtask.outputs(session))
                        .isEqualTo(FoldProgram.expected(session, texts(4)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesRescaling(Backend backend) throws Exception {
        List<String> sessions = List.of("a", "b", "c", "d", "e", "f", "g");
        List<String> texts = texts(11);
        List<String> outputs = new ArrayList<>();
        OperatorSubtaskState one;
        try (Subtask subtask = subtask(backend)) {
            for (String session : sessions) {
                subtask.sendAll(session, texts, 0, 2);
            }
            subtask.drain();
            provider.runtime().hold();
            for (String session : sessions) {
                subtask.sendAll(session, texts, 2, 5);
            }
            one = subtask.runMails().snapshot();
            outputs.addAll(subtask.outputs());
        }
        OperatorSubtaskState[] two = new OperatorSubtaskState[2];
        for (int index = 0; index < 2; index++) {
            OperatorSubtaskState part =
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(
                            one, MAX_PARALLELISM, 1, 2, index);
            try (Subtask subtask = new Subtask(backend, 100, Optional.of(part), 2, index)) {
                subtask.runMails();
                for (String session : sessions) {
                    if (KeyGroupRangeAssignment.assignKeyToParallelOperator(
                                    session, MAX_PARALLELISM, 2)
                            == index) {
                        subtask.sendAll(session, texts, 5, 8);
                    }
                }
                subtask.drain();
                provider.runtime().hold();
                for (String session : sessions) {
                    if (KeyGroupRangeAssignment.assignKeyToParallelOperator(
                                    session, MAX_PARALLELISM, 2)
                            == index) {
                        subtask.sendAll(session, texts, 8, 10);
                    }
                }
                two[index] = subtask.snapshot();
                outputs.addAll(subtask.outputs());
            }
        }
        OperatorSubtaskState whole =
                AbstractStreamOperatorTestHarness.repartitionOperatorState(
                        AbstractStreamOperatorTestHarness.repackageState(two),
                        MAX_PARALLELISM,
                        2,
                        1,
                        0);
        try (Subtask subtask = restored(backend, whole)) {
            subtask.runMails();
            for (String session : sessions) {
                subtask.sendAll(session, texts, 10, 11);
            }
            subtask.drain();
            outputs.addAll(subtask.outputs());
        }

        for (String session : sessions) {
            assertThat(outputs.stream().filter(output -> output.startsWith(session + " ")))
                    .containsExactlyElementsOf(FoldProgram.expected(session, texts));
        }
    }

    @ParameterizedTest
    @EnumSource
    void dropsWhatWasThereAndWhatAFencedWriterWrites(Backend backend) throws Exception {
        OperatorSubtaskState state;
        try (Subtask subtask = subtask(backend)) {
            subtask.send("a", 0, "x").send("a", 0, "x").send("a", 1, "y").send("a", 0, "x").drain();
            assertThat(subtask.outputs()).isEqualTo(FoldProgram.expected("a", List.of("x", "y")));
            state = subtask.snapshot();
        }
        try (Subtask subtask = restored(backend, state)) {
            subtask.runMails();
            subtask.send("a", 0, 1, "y").send("a", 1, 2, "z").send("a", 0, 3, "old").drain();

            assertThat(joined(FoldProgram.expected("a", List.of("x", "y")), subtask.outputs()))
                    .isEqualTo(FoldProgram.expected("a", List.of("x", "y", "z")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWatermarkWaitsForWhatCameBeforeIt(Backend backend) throws Exception {
        OperatorSubtaskState state;
        try (Subtask subtask = subtask(backend)) {
            subtask.harness.processWatermark(5);
            assertThat(subtask.watermarks()).containsExactly(5L);
            provider.runtime().hold();
            subtask.send("a", 0, "x").send("b", 0, "x");
            subtask.harness.processWatermark(10);
            subtask.send("a", 1, "y");
            subtask.harness.processWatermark(20);
            assertThat(subtask.runMails().watermarks()).containsExactly(5L);
            state = subtask.snapshot();
            provider.runtime().release();
            subtask.drain();
            assertThat(subtask.watermarks()).containsExactly(5L, 10L, 20L);
            int tenth = new ArrayList<>(subtask.harness.getOutput()).indexOf(new Watermark(10));
            assertThat(
                            new ArrayList<>(subtask.harness.getOutput())
                                    .subList(0, tenth).stream()
                                            .filter(StreamRecord.class::isInstance))
                    .hasSizeGreaterThanOrEqualTo(2);
        }
        provider.runtime().hold();
        try (Subtask subtask = restored(backend, state)) {
            subtask.runMails();
            subtask.harness.processWatermark(20);
            assertThat(subtask.watermarks()).isEmpty();
            provider.runtime().release();
            subtask.drain();
            assertThat(subtask.watermarks()).containsExactly(20L);
            assertThat(new ArrayList<>(subtask.harness.getOutput()).get(3))
                    .isEqualTo(new Watermark(20));
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesNoMoreThanItsLimit(Backend backend) throws Exception {
        try (Subtask subtask = new Subtask(backend, 2, Optional.empty())) {
            subtask.runMails();
            provider.runtime().hold();
            subtask.send("a", 0, "x").send("a", 1, "y");
            assertThat(subtask.outputs()).isEmpty();

            CompletableFuture<Void> released =
                    CompletableFuture.runAsync(() -> provider.runtime().release());
            subtask.send("a", 2, "z");

            // It came back only because a result made room.
            assertThat(subtask.outputs()).isNotEmpty();
            released.join();
            subtask.drain();
            assertThat(subtask.outputs())
                    .isEqualTo(FoldProgram.expected("a", List.of("x", "y", "z")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionsKeepApartWhenResultsComeWhileItWaitsForRoom(Backend backend) throws Exception {
        List<String> sessions = List.of("a", "b", "c", "d");
        List<String> texts = texts(50);
        OperatorSubtaskState state;
        List<String> before;
        int[] sent = new int[sessions.size()];
        Random random = new Random(1);
        try (Subtask subtask = new Subtask(backend, 1, Optional.empty())) {
            for (int i = 0; i < 100; i++) {
                int session = random.nextInt(sessions.size());
                subtask.send(sessions.get(session), sent[session], texts.get(sent[session]));
                sent[session]++;
            }
            state = subtask.snapshot();
            before = subtask.outputs();
        }
        try (Subtask subtask = restored(backend, state)) {
            subtask.drain();
            for (int session = 0; session < sessions.size(); session++) {
                String name = sessions.get(session);
                assertThat(
                                joined(before, subtask.outputs()).stream()
                                        .filter(output -> output.startsWith(name + " ")))
                        .containsExactlyElementsOf(
                                FoldProgram.expected(name, texts.subList(0, sent[session])));
            }
        }
    }

    @Test
    void anEndedSessionLeavesNothingButThatItEnded() throws Exception {
        try (Subtask subtask = subtask(Backend.HASH_MAP)) {
            subtask.send("a", 0, "x").send("a", 1, FoldProgram.END).drain();
            subtask.snapshot();
            assertThat(subtask.harness.numKeyedStateEntries()).isEqualTo(1);
            assertThat(subtask.harness.numProcessingTimeTimers()).isZero();

            subtask.send("a", 2, "late").send("a", 1, 0, "late").drain();
            assertThat(subtask.outputs())
                    .isEqualTo(FoldProgram.expected("a", List.of("x", FoldProgram.END)));
            assertThat(subtask.harness.numKeyedStateEntries()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndedSessionStaysEndedAfterARestoreForAWhile(Backend backend) throws Exception {
        OperatorSubtaskState state;
        try (Subtask subtask = subtask(backend)) {
            subtask.harness.setStateTtlProcessingTime(0);
            subtask.send("a", 0, FoldProgram.END).drain();
            state = subtask.snapshot();
        }
        try (Subtask subtask = restored(backend, state)) {
            subtask.harness.setStateTtlProcessingTime(3_500_000);
            subtask.send("a", 1, "late").drain();
            assertThat(subtask.outputs()).isEmpty();
            subtask.harness.setStateTtlProcessingTime(3_600_001);
            subtask.send("a", 0, "anew").drain();
            assertThat(subtask.outputs()).isEqualTo(FoldProgram.expected("a", List.of("anew")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void inputsThatWaitBehindTheEndAreDropped(Backend backend) throws Exception {
        try (Subtask subtask = new Subtask(backend, 4, Optional.empty())) {
            subtask.runMails();
            provider.runtime().hold();
            subtask.send("a", 0, "x").send("a", 1, FoldProgram.END).send("a", 2, "y");
            subtask.send("a", 3, "z");
            subtask.harness.processWatermark(7);
            provider.runtime().release();
            subtask.drain();
            assertThat(subtask.outputs())
                    .isEqualTo(FoldProgram.expected("a", List.of("x", FoldProgram.END)));
            assertThat(subtask.watermarks()).containsExactly(7L);

            // The room that they took is free again, and no more than that.
            provider.runtime().hold();
            subtask.send("b", 0, "x").send("b", 1, "y").send("b", 2, "z").send("b", 3, "w");
            CompletableFuture<Void> released =
                    CompletableFuture.runAsync(() -> provider.runtime().release());
            subtask.send("b", 4, "v");
            assertThat(subtask.outputs("b")).isNotEmpty();
            released.join();
            subtask.drain();
            assertThat(subtask.outputs("b"))
                    .isEqualTo(FoldProgram.expected("b", List.of("x", "y", "z", "w", "v")));
        }
    }

    @Test
    void poisonHarmsItsOwnSessionOnly() throws Exception {
        try (Subtask subtask = subtask(Backend.HASH_MAP)) {
            provider.runtime().hold();
            for (int i = 0; i < 6; i++) {
                for (String session : List.of("a", "b", "c", "d")) {
                    boolean poison = session.equals("b") && i == 2;
                    subtask.send(session, i, poison ? FoldInference.POISON : "t" + i);
                }
            }
            provider.runtime().release();
            subtask.drain();

            assertThat(subtask.outputs("b")).hasSize(3).endsWith("b fault");
            for (String session : List.of("a", "c", "d")) {
                assertThat(subtask.outputs(session))
                        .isEqualTo(FoldProgram.expected(session, texts(6)));
            }
        }
    }

    @Test
    void aLostDeviceFailsTheTask() throws Exception {
        try (Subtask subtask = subtask(Backend.HASH_MAP)) {
            subtask.runMails();
            subtask.send("a", 0, FoldInference.LOST);

            assertThatThrownBy(subtask::drain)
                    .hasStackTraceContaining("the device that runs fold@1/fold failed")
                    .hasStackTraceContaining("the device fell off");
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionsBeyondTheSeatsWaitTheirTurn(Backend backend) throws Exception {
        provider = new FoldInference(2);
        List<String> sessions = List.of("a", "b", "c", "d", "e", "f", "g");
        OperatorSubtaskState state;
        List<String> before;
        try (Subtask subtask = subtask(backend)) {
            subtask.runMails();
            provider.runtime().hold();
            for (String session : sessions) {
                subtask.sendAll(session, texts(2), 0, 2);
            }
            state = subtask.snapshot();
            before = subtask.outputs();
            provider.runtime().release();
            subtask.drain();
            for (String session : sessions) {
                assertThat(subtask.outputs(session))
                        .isEqualTo(FoldProgram.expected(session, texts(2)));
            }
        }
        try (Subtask subtask = restored(backend, state)) {
            subtask.drain();
            for (String session : sessions) {
                assertThat(
                                joined(before, subtask.outputs()).stream()
                                        .filter(output -> output.startsWith(session + " ")))
                        .containsExactlyElementsOf(FoldProgram.expected(session, texts(2)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSessionAtRestLeavesMemoryAndComesBack(Backend backend) throws Exception {
        List<String> texts = texts(9);
        try (Subtask subtask = subtask(backend)) {
            subtask.at(Duration.ZERO).sendAll("a", texts, 0, 4).drain();
            assertThat(subtask.inMemory()).containsExactly("a");

            subtask.at(UNLOAD_AFTER.multipliedBy(2));
            assertThat(subtask.inMemory()).isEmpty();

            subtask.sendAll("a", texts, 4, 6).drain();
            assertThat(subtask.inMemory()).containsExactly("a");
            OperatorSubtaskState state = subtask.snapshot();
            subtask.sendAll("a", texts, 6, 9).drain();
            assertThat(subtask.outputs()).isEqualTo(FoldProgram.expected("a", texts));
            try (Subtask again = restored(backend, state)) {
                again.drain().sendAll("a", texts, 6, 9).drain();
                assertThat(joined(subtask.outputs().subList(0, 8), again.outputs()))
                        .isEqualTo(FoldProgram.expected("a", texts));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSessionAtWorkStaysInMemory(Backend backend) throws Exception {
        try (Subtask subtask = subtask(backend)) {
            subtask.at(Duration.ZERO);
            provider.runtime().hold();
            subtask.send("a", 0, "x");
            subtask.at(UNLOAD_AFTER.multipliedBy(3)).at(FORGET_AFTER.multipliedBy(3));
            assertThat(subtask.inMemory()).containsExactly("a");
            provider.runtime().release();
            assertThat(subtask.drain().outputs())
                    .isEqualTo(FoldProgram.expected("a", List.of("x")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSessionThatNeverEndsIsForgottenInTime(Backend backend) throws Exception {
        OperatorSubtaskState state;
        try (Subtask subtask = subtask(backend)) {
            subtask.at(Duration.ZERO).send("a", 0, "x").send("b", 0, "x").drain();
            subtask.at(FORGET_AFTER.dividedBy(2)).send("b", 1, "y").drain();
            subtask.at(FORGET_AFTER.plusMillis(1));
            assertThat(subtask.knownSessions()).containsExactly("b");
            state = subtask.snapshot();
        }
        try (Subtask subtask = restored(backend, state)) {
            subtask.at(FORGET_AFTER.plusMillis(2));
            assertThat(subtask.knownSessions()).containsExactly("b");
            subtask.at(FORGET_AFTER.multipliedBy(2));
            assertThat(subtask.knownSessions()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void numbersGoOnRisingWhenAnotherWriterTakesOver(Backend backend) throws Exception {
        try (Subtask subtask = subtask(backend)) {
            // The new gateway repeats what it does not know to have arrived.
            subtask.send("a", 0, 0, "x").send("a", 0, 1, "y").send("a", 1, 1, "y");
            subtask.send("a", 1, 2, "z").drain();

            assertThat(subtask.outputs())
                    .isEqualTo(FoldProgram.expected("a", List.of("x", "y", "z")));
        }
    }

    @Test
    void idlenessDoesNotOvertakeWhatCameBeforeIt() throws Exception {
        try (Subtask subtask = subtask(Backend.HASH_MAP)) {
            subtask.runMails();
            provider.runtime().hold();
            subtask.send("a", 0, "x");
            subtask.harness.processWatermark(10);
            subtask.harness.processWatermarkStatus(WatermarkStatus.IDLE);
            assertThat(subtask.runMails().harness.getOutput()).isEmpty();
            provider.runtime().release();
            subtask.drain();
            assertThat(new ArrayList<>(subtask.harness.getOutput()).subList(1, 3))
                    .isEqualTo(List.of(new Watermark(10), WatermarkStatus.IDLE));
        }
    }

    /**
     * What the first version of the state wrote, in the file that its own operator made: session a
     * with four inputs folded in and two that wait, session b with three that wait, by its third
     * writer, and session c, which has ended.
     */
    @Test
    void goesOnFromTheStateOfVersion1() throws Exception {
        String file = getClass().getResource("/state/1/operator.snapshot").getPath();
        List<String> texts = texts(9);
        try (Subtask subtask =
                restored(Backend.HASH_MAP, OperatorSnapshotUtil.readStateHandle(file))) {
            subtask.at(Duration.ZERO).drain();
            subtask.sendAll("a", texts, 6, 9).send("b", 1, 3, "fenced").send("b", 2, 3, "t3");
            subtask.send("c", 1, "late").drain();

            assertThat(subtask.outputs("a"))
                    .isEqualTo(FoldProgram.expected("a", texts).subList(5, 12));
            assertThat(subtask.outputs("b"))
                    .isEqualTo(FoldProgram.expected("b", texts.subList(0, 4)));
            assertThat(subtask.outputs("c")).isEmpty();
            subtask.at(FORGET_AFTER.multipliedBy(2));
            assertThat(subtask.knownSessions()).as("with a lifetime from now on").isEmpty();
        }
    }

    @Test
    void closesWhileCallsAreInFlight() throws Exception {
        Subtask subtask = subtask(Backend.HASH_MAP);
        subtask.runMails();
        provider.runtime().hold();
        subtask.sendAll("a", texts(3), 0, 3).sendAll("b", texts(3), 0, 3);

        subtask.close();

        assertThat(subtask.outputs()).isEmpty();
        assertThat(provider.runtime().open()).isZero();
    }

    @Test
    void subtasksOfAProcessShareTheirModels() throws Exception {
        try (Subtask first = new Subtask(Backend.HASH_MAP, 10, Optional.empty(), 2, 0)) {
            try (Subtask second = new Subtask(Backend.HASH_MAP, 10, Optional.empty(), 2, 1)) {
                assertThat(first.outputs()).isEqualTo(second.outputs());
            }
            assertThat(provider.runtime().open()).isEqualTo(1);
        }
        assertThat(provider.runtime().timesOpened()).isEqualTo(1);
        assertThat(provider.runtime().open()).isZero();
    }
}
