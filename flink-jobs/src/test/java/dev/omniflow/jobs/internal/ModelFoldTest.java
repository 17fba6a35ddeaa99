package dev.omniflow.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.flink.ModelDemand;
import dev.omniflow.flink.RolloutVerdict;
import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.RolloutAccepted;
import dev.omniflow.schemas.RolloutRefused;
import dev.omniflow.schemas.routing.RolloutRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class ModelFoldTest {
    private static final String ROLE = "speech-recognition";
    private static final String OLD = "whisper-base@1.0.0";
    private static final String NEW = "whisper-base@1.0.1";

    /** A fold under way, and what came out of it. */
    private static final class Fold implements AutoCloseable {
        private final OneInputStreamOperatorTestHarness<ModelEvent, ModelDemand> harness;
        private int seen;
        private int seenVerdicts;

        Fold(OperatorSubtaskState state) throws Exception {
            harness = new OneInputStreamOperatorTestHarness<>(new ModelFoldFactory());
            harness.setup();
            harness.initializeState(state);
            harness.open();
            for (Mail mail : harness.getTaskMailbox().drain()) {
                mail.run();
            }
        }

        void take(ModelEvent event) throws Exception {
            harness.processElement(new StreamRecord<>(event));
        }

        void ask(String rollout, String bundle, int permille) throws Exception {
            take(new RolloutRequest(ROLE, rollout, bundle, permille, List.of()).event(1));
        }

        void accept(String rollout) throws Exception {
            take(new ModelEvent(ROLE, rollout, 0L, new RolloutAccepted()));
        }

        /** Demands since the last call. */
        List<ModelDemand> demands() {
            List<ModelDemand> all = harness.extractOutputValues();
            List<ModelDemand> fresh = List.copyOf(all.subList(seen, all.size()));
            seen = all.size();
            return fresh;
        }

        /** Verdicts since the last call. */
        List<RolloutVerdict> verdicts() {
            List<RolloutVerdict> all = new ArrayList<>();
            var output = harness.getSideOutput(ModelFold.DECIDED);
            if (output != null) {
                output.forEach(record -> all.add(record.getValue()));
            }
            List<RolloutVerdict> fresh = List.copyOf(all.subList(seenVerdicts, all.size()));
            seenVerdicts = all.size();
            return fresh;
        }

        OperatorSubtaskState snapshot() throws Exception {
            return harness.snapshot(1, 1);
        }

        @Override
        public void close() {
            try {
                harness.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void demandsATrialAndThenService() throws Exception {
        try (Fold fold = new Fold(OperatorSubtaskState.builder().build())) {
            assertThat(fold.demands()).isEmpty();

            fold.ask("a", NEW, 250);
            ModelDemand trial = fold.demands().get(0);
            assertThat(trial.inService()).isEmpty();
            assertThat(trial.onTrial()).isEqualTo(Map.of("a", NEW));
            fold.accept("a");
            assertThat(fold.demands())
                    .containsExactly(
                            new ModelDemand(trial.run(), ROLE, false, List.of(NEW), Map.of()));
            fold.accept("a");
            assertThat(fold.demands()).isEmpty();

            fold.ask("b", OLD, 1000);
            fold.accept("b");
            assertThat(fold.demands().get(1))
                    .isEqualTo(new ModelDemand(trial.run(), ROLE, true, List.of(OLD), Map.of()));
            assertThat(fold.verdicts()).isEmpty();
        }
    }

    @Test
    void aRefusalEndsTheTrial() throws Exception {
        try (Fold fold = new Fold(OperatorSubtaskState.builder().build())) {
            fold.ask("a", NEW, 1000);
            fold.take(new ModelEvent(ROLE, "a", 0L, new RolloutRefused("broken")));

            ModelDemand last = fold.demands().get(1);
            assertThat(last.onTrial()).isEmpty();
            assertThat(last.inService()).isEmpty();
            assertThat(last.standard()).isFalse();
        }
    }

    @Test
    void decidesItselfWhatNeedsNoTrial() throws Exception {
        try (Fold fold = new Fold(OperatorSubtaskState.builder().build())) {
            fold.ask("a", OLD, 1000);
            fold.accept("a");
            fold.ask("b", NEW, 100);
            fold.accept("b");
            assertThat(fold.verdicts()).isEmpty();

            fold.ask("c", NEW, 0);
            assertThat(fold.verdicts()).containsExactly(new RolloutVerdict(ROLE, "c", null));
            fold.accept("c");
            assertThat(fold.demands())
                    .last()
                    .satisfies(demand -> assertThat(demand.inService()).containsExactly(OLD));

            fold.ask("d", OLD, 0);
            fold.ask("e", NEW, 5000);
            List<RolloutVerdict> refusals = fold.verdicts();
            assertThat(refusals).extracting(RolloutVerdict::rollout).containsExactly("d", "e");
            assertThat(refusals.get(0).refusal()).contains("is the standard");
            assertThat(refusals.get(1).refusal()).contains("from 0 to 1000");
            assertThat(fold.demands()).allMatch(demand -> demand.onTrial().isEmpty());
        }
    }

    @Test
    void makesAllDemandsAgainUnderAnotherRunAfterARestart() throws Exception {
        OperatorSubtaskState state;
        ModelDemand before;
        try (Fold fold = new Fold(OperatorSubtaskState.builder().build())) {
            fold.ask("a", OLD, 1000);
            fold.accept("a");
            fold.ask("b", NEW, 100);
            fold.take(new RolloutRequest("voice-activity", "c", "vad@2", 1000, List.of()).event(1));
            before = fold.demands().get(0);
            state = fold.snapshot();
        }

        try (Fold fold = new Fold(state)) {
            List<ModelDemand> again = fold.demands();
            Set<String> runs = again.stream().map(ModelDemand::run).collect(Collectors.toSet());
            assertThat(runs).hasSize(1).doesNotContain(before.run());
            String run = runs.iterator().next();
            assertThat(again)
                    .containsExactlyInAnyOrder(
                            new ModelDemand(run, ROLE, true, List.of(OLD), Map.of("b", NEW)),
                            new ModelDemand(
                                    run, "voice-activity", false, List.of(), Map.of("c", "vad@2")));
            fold.accept("b");
            assertThat(fold.demands())
                    .containsExactly(new ModelDemand(run, ROLE, true, List.of(OLD, NEW), Map.of()));
        }
    }
}
