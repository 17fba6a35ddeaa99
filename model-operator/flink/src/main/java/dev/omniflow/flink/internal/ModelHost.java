package dev.omniflow.flink.internal;

import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.LoadedBundles;
import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.flink.ModelDemand;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.function.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the bundles in service loaded in its process and tries those on trial.
 *
 * <p>Bundles load on a thread of its own, in the order of the demands: the task's thread never
 * waits for one, so that no checkpoint does. A bundle that is in service and cannot be loaded fails
 * the task: sessions that name it would end otherwise.
 */
public final class ModelHost extends AbstractStreamOperator<RolloutReport>
        implements OneInputStreamOperator<ModelDemand, RolloutReport>, BoundedOneInput {
    private static final long serialVersionUID = 1;

    private final transient InferenceProvider<?, ?> provider;
    private final transient MailboxExecutor mailbox;

    /** The newest demand of each role. Touched by the task's thread alone. */
    private final transient Map<String, ModelDemand> demands = new HashMap<>();

    /** Bundles that the inference was opened with, by role. */
    private final transient Map<String, Set<BundleId>> configured = new HashMap<>();

    /** Work of the loader whose mail has not come. Touched by the task's thread alone. */
    private transient int underWay;

    private transient @Nullable ExecutorService loader;

    /** Touched by the loader's thread alone, while there is one. */
    private transient @Nullable ModelLeases leases;

    private transient @Nullable Inference<?, ?> inference;

    ModelHost(
            StreamOperatorParameters<RolloutReport> parameters, InferenceProvider<?, ?> provider) {
        super(parameters);
        this.provider = provider;
        this.mailbox = parameters.getMailboxExecutor();
    }

    @Override
    public void open() throws Exception {
        super.open();
        Inference<?, ?> acquired = SharedInference.acquire(provider);
        inference = acquired;
        LoadedBundles<?> bundles =
                acquired.bundles()
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "expected an inference whose bundles come and go,"
                                                        + " but "
                                                        + provider.key()
                                                        + " loads them for good"));
        for (BundleId id : bundles.folders().named()) {
            configured
                    .computeIfAbsent(bundles.folders().describe(id).kind(), kind -> new TreeSet<>())
                    .add(id);
        }
        leases = new ModelLeases(bundles);
        ClassLoader classes = getUserCodeClassloader();
        loader =
                Executors.newSingleThreadExecutor(
                        work -> {
                            Thread thread = new Thread(work, "omniflow-model-host");
                            thread.setContextClassLoader(classes);
                            thread.setDaemon(true);
                            return thread;
                        });
        keepWhatIsWanted();
    }

    @Override
    public void processElement(StreamRecord<ModelDemand> element) {
        ModelDemand demand = element.getValue();
        ModelDemand before = demands.put(demand.role(), demand);
        demand.onTrial()
                .forEach(
                        (rollout, bundle) -> {
                            boolean tried =
                                    before != null
                                            && before.run().equals(demand.run())
                                            && before.onTrial().containsKey(rollout);
                            if (!tried) {
                                tryOut(demand, rollout, bundle);
                            }
                        });
        keepWhatIsWanted();
    }

    private void tryOut(ModelDemand demand, String rollout, String bundle) {
        load(
                held -> {
                    Optional<String> refusal = held.trial(demand.role(), bundle);
                    return () -> report(demand, rollout, refusal);
                });
    }

    private void report(ModelDemand demand, String rollout, Optional<String> refusal) {
        String where =
                getContainingTask()
                        .getEnvironment()
                        .getTaskManagerInfo()
                        .getTaskManagerExternalAddress();
        output.collect(
                new StreamRecord<>(
                        new RolloutReport(
                                demand.run(),
                                demand.role(),
                                rollout,
                                getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
                                getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks(),
                                refusal.map(why -> why + " (task manager " + where + ")")
                                        .orElse(null))));
    }

    private void keepWhatIsWanted() {
        Set<BundleId> needed = new HashSet<>();
        Set<BundleId> onTrial = new HashSet<>();
        configured.forEach(
                (role, ids) -> {
                    ModelDemand demand = demands.get(role);
                    if (demand == null || !demand.standard()) {
                        needed.addAll(ids);
                    }
                });
        for (ModelDemand demand : demands.values()) {
            demand.inService().forEach(bundle -> needed.add(BundleId.parse(bundle)));
            demand.onTrial().values().forEach(bundle -> addIfNamed(bundle, onTrial));
        }
        load(
                held -> {
                    held.keep(needed, onTrial);
                    return () -> {};
                });
    }

    private static void addIfNamed(String bundle, Set<BundleId> bundles) {
        try {
            bundles.add(BundleId.parse(bundle));
        } catch (IllegalArgumentException e) {
            LOG.debug("'{}' names no bundle; its trial says so", bundle, e);
        }
    }

    /** Does work on the loader's thread, and what follows from it on the task's. */
    private void load(Work work) {
        ExecutorService thread = loader;
        ModelLeases held = leases;
        if (thread == null || held == null) {
            throw new IllegalStateException("the model host is not open");
        }
        underWay++;
        thread.execute(
                () -> {
                    ThrowingRunnable<Exception> next;
                    try {
                        next = work.on(held);
                    } catch (BundleException | RuntimeException e) {
                        next =
                                () -> {
                                    throw e;
                                };
                    }
                    ThrowingRunnable<Exception> followUp = next;
                    try {
                        mailbox.execute(
                                () -> {
                                    underWay--;
                                    followUp.run();
                                },
                                "models loaded");
                    } catch (RejectedExecutionException e) {
                        LOG.debug("the task ended while a model loaded", e);
                    }
                });
    }

    @Override
    public void endInput() throws InterruptedException {
        while (underWay > 0) {
            mailbox.yield();
        }
    }

    @Override
    public void close() throws Exception {
        try {
            closeLoader();
        } finally {
            Inference<?, ?> acquired = inference;
            if (acquired != null) {
                inference = null;
                SharedInference.release(provider, acquired);
            }
            super.close();
        }
    }

    /** A bundle that is loading cannot be interrupted: waits for it, also if interrupted. */
    private void closeLoader() throws InterruptedException {
        if (loader == null || leases == null) {
            return;
        }
        loader.shutdownNow();
        boolean interrupted = false;
        boolean terminated = false;
        while (!terminated) {
            try {
                terminated = loader.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        leases.close();
        leases = null;
        loader = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Something that takes long. */
    @FunctionalInterface
    private interface Work {
        /** Does it; returns what is to be done next on the task's thread. */
        ThrowingRunnable<Exception> on(ModelLeases leases) throws BundleException;
    }
}
