package dev.omniflow.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.LoadedBundles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts in a real job of two subtasks, whose demands the test makes one by one. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ModelRolloutsJobTest {
    private static final String FAILURE = "fail";
    private static final BlockingQueue<ModelDemand> DEMANDS = new LinkedBlockingQueue<>();
    private static final BlockingQueue<RolloutVerdict> VERDICTS = new LinkedBlockingQueue<>();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    @TempDir private Path folder;

    private RolloutModels models;
    private JobClient job;

    @BeforeEach
    void startJob() throws Exception {
        DEMANDS.clear();
        VERDICTS.clear();
        models = new RolloutModels(folder);
        Configuration options = new Configuration();
        options.set(PipelineOptions.GENERIC_TYPES, false);
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        options.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(options);
        env.setParallelism(2);
        env.setBufferTimeout(0);
        var demands =
                env.fromSource(
                                new NumberSequenceSource(0, Long.MAX_VALUE - 1),
                                WatermarkStrategy.noWatermarks(),
                                "numbers")
                        .setParallelism(1)
                        .map(number -> next())
                        .returns(TypeInformation.of(ModelDemand.class))
                        .setParallelism(1);
        ModelRollouts.apply(demands, models)
                .map(ModelRolloutsJobTest::tell)
                .returns(TypeInformation.of(RolloutVerdict.class))
                .sinkTo(new DiscardingSink<>());
        job = env.executeAsync();
    }

    @AfterEach
    void endJob() throws Exception {
        job.cancel().get();
        awaitLoaded();
    }

    private static ModelDemand next() throws InterruptedException {
        ModelDemand demand = DEMANDS.take();
        if (demand.role().equals(FAILURE)) {
            throw new IllegalStateException("induced failure");
        }
        return demand;
    }

    private static RolloutVerdict tell(RolloutVerdict verdict) {
        VERDICTS.add(verdict);
        return verdict;
    }

    private static void demand(
            String run, boolean standard, List<String> inService, Map<String, String> onTrial) {
        DEMANDS.add(new ModelDemand(run, RolloutModels.ROLE, standard, inService, onTrial));
    }

    private static RolloutVerdict verdict() throws InterruptedException {
        RolloutVerdict verdict = VERDICTS.poll(1, TimeUnit.MINUTES);
        assertThat(verdict).as("a verdict").isNotNull();
        return verdict;
    }

    private void awaitLoaded(String... bundles) throws InterruptedException {
        List<String> expected = List.of(bundles);
        for (int i = 0; i < 3000 && !models.runtime().loaded().equals(expected); i++) {
            Thread.sleep(10);
        }
        assertThat(models.runtime().loaded()).isEqualTo(expected);
    }

    @Test
    void aBundleIsTriedBesideTheOldOneWhichUnloadsWithItsLastUser() throws Exception {
        models.write("ear", "2", RolloutModels.ROLE, false);
        awaitLoaded("ear@1");
        LoadedBundles<BundleId>.Lease session = models.bundles().acquire(new BundleId("ear", "1"));

        demand("run", false, List.of(), Map.of("r1", "ear@2"));

        assertThat(verdict()).isEqualTo(new RolloutVerdict(RolloutModels.ROLE, "r1", null));
        awaitLoaded("ear@1", "ear@2");
        demand("run", false, List.of("ear@2"), Map.of());
        models.write("ear", "3", RolloutModels.ROLE, false);
        demand("run", true, List.of("ear@2"), Map.of("r2", "ear@3"));
        assertThat(verdict().rollout()).isEqualTo("r2");
        awaitLoaded("ear@1", "ear@2", "ear@3");
        session.close();
        awaitLoaded("ear@2", "ear@3");
        demand("run", true, List.of("ear@2"), Map.of());
        awaitLoaded("ear@2");
    }

    @Test
    void onlyWhatIsNotWantedAnyMoreIsGivenBack() throws Exception {
        models.write("ear", "2", RolloutModels.ROLE, false);
        models.write("ear", "3", RolloutModels.ROLE, false);
        demand("run", false, List.of("ear@2", "ear@3"), Map.of());
        awaitLoaded("ear@1", "ear@2", "ear@3");

        demand("run", false, List.of("ear@3"), Map.of());
        awaitLoaded("ear@1", "ear@3");
        demand("run", true, List.of("ear@3"), Map.of());
        awaitLoaded("ear@3");
    }

    @Test
    void whatCannotBeLoadedIsRefusedAndChangesNothing() throws Exception {
        Path damaged = models.write("ear", "2", RolloutModels.ROLE, false);
        Files.writeString(damaged.resolve("ear.onnx"), "other bytes");
        models.write("ear", "3", RolloutModels.ROLE, true);
        models.write("ear", "4", "speaking", false);

        assertRefused("damaged", "ear@2", "file ear.onnx of bundle ear@2 is damaged");
        assertRefused("unloadable", "ear@3", "graph ear of bundle ear@3 does not load");
        assertRefused("kind", "ear@4", "expected a bundle of kind listening, but ear@4 is of kind");
        assertRefused("absent", "ear@5", "bundle ear@5 is not installed");
        assertRefused("name", "ear", "a bundle is written name@version, not 'ear'");
    }

    private void assertRefused(String rollout, String bundle, String reason) throws Exception {
        demand("run", false, List.of(), Map.of(rollout, bundle));
        RolloutVerdict verdict = verdict();
        assertThat(verdict.rollout()).isEqualTo(rollout);
        assertThat(verdict.refusal()).startsWith(reason).contains("task manager").hasLineCount(1);
        demand("run", false, List.of(), Map.of());
        awaitLoaded("ear@1");
    }

    @Test
    void whatIsOnTrialIsTriedOnceARunAndAgainAfterARestart() throws Exception {
        models.write("ear", "2", RolloutModels.ROLE, false);
        demand("run 1", false, List.of(), Map.of("r1", "ear@2"));
        assertThat(verdict().rollout()).isEqualTo("r1");
        demand("run 1", false, List.of(), Map.of("r1", "ear@2", "r2", "ear@7"));
        assertThat(verdict().rollout()).isEqualTo("r2");

        DEMANDS.add(new ModelDemand("run 1", FAILURE, false, List.of(), Map.of()));
        models.write("ear", "7", RolloutModels.ROLE, false);
        demand("run 2", false, List.of(), Map.of("r1", "ear@2", "r2", "ear@7"));

        List<RolloutVerdict> again = new ArrayList<>(List.of(verdict(), verdict()));
        assertThat(again).extracting(RolloutVerdict::rollout).containsExactlyInAnyOrder("r1", "r2");
        assertThat(again).extracting(RolloutVerdict::refusal).containsOnlyNulls();
        awaitLoaded("ear@1", "ear@2", "ear@7");
    }
}
