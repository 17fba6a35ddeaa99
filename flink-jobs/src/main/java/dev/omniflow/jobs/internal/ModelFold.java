package dev.omniflow.jobs.internal;

import dev.omniflow.flink.ModelDemand;
import dev.omniflow.flink.RolloutVerdict;
import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.RolloutRequested;
import dev.omniflow.schemas.codec.EventCodec;
import dev.omniflow.schemas.routing.ModelRouting;
import dev.omniflow.schemas.routing.RoleRouting;
import dev.omniflow.schemas.routing.RolloutRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * Folds the log of rollouts into what is demanded of the task managers. One for the whole job.
 *
 * <p>The one part of rollouts that has state: the shortest log that leads to where it is, in the
 * encoding of the topic. When the job starts, and after every failure, it makes all demands again
 * under a run of its own, so the rest need remember nothing and may be rescaled.
 *
 * <p>Requests that no trial can decide, those that take a bundle out and those that are invalid, it
 * decides itself, on the side output {@link #DECIDED}.
 */
final class ModelFold extends AbstractStreamOperator<ModelDemand>
        implements OneInputStreamOperator<ModelEvent, ModelDemand> {
    static final OutputTag<RolloutVerdict> DECIDED =
            new OutputTag<>("decided", TypeInformation.of(RolloutVerdict.class));

    private static final long serialVersionUID = 1;

    private final transient MailboxExecutor mailbox;
    private final transient String run = UUID.randomUUID().toString();
    private transient ListState<byte[]> log;
    private transient ModelRouting routing = ModelRouting.EMPTY;

    ModelFold(StreamOperatorParameters<ModelDemand> parameters) {
        super(parameters);
        this.mailbox = parameters.getMailboxExecutor();
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        log =
                context.getOperatorStateStore()
                        .getListState(
                                new ListStateDescriptor<>(
                                        "log",
                                        PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        for (byte[] event : log.get()) {
            routing = routing.after(EventCodec.MODEL.decode(event));
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        // Not at once: nothing may be emitted before all of the task is open.
        mailbox.execute(() -> routing.roles().keySet().forEach(this::demand), "all demands");
    }

    @Override
    public void processElement(StreamRecord<ModelEvent> element) {
        ModelEvent event = element.getValue();
        ModelRouting before = routing;
        routing = before.after(event);
        if (routing.equals(before)) {
            return;
        }
        if (event.getPayload() instanceof RolloutRequested) {
            routing.of(event.getRole()).pending().stream()
                    .filter(request -> request.rollout().equals(event.getRollout()))
                    .forEach(this::decideWithoutTrial);
        }
        demand(event.getRole());
    }

    private void decideWithoutTrial(RolloutRequest request) {
        if (!needsTrial(request)) {
            Optional<String> objection = routing.objection(request);
            output.collect(
                    DECIDED,
                    new StreamRecord<>(
                            new RolloutVerdict(
                                    request.role(), request.rollout(), objection.orElse(null))));
        }
    }

    private boolean needsTrial(RolloutRequest request) {
        return !request.withdraws() && routing.objection(request).isEmpty();
    }

    private void demand(String role) {
        RoleRouting wanted = routing.of(role);
        Map<String, String> onTrial = new HashMap<>();
        wanted.pending().stream()
                .filter(this::needsTrial)
                .forEach(request -> onTrial.put(request.rollout(), request.bundle()));
        output.collect(
                new StreamRecord<>(
                        new ModelDemand(
                                run,
                                role,
                                wanted.standard().isPresent(),
                                List.copyOf(routing.inService(role)),
                                onTrial)));
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        List<byte[]> events = new ArrayList<>();
        routing.events().forEach(event -> events.add(EventCodec.MODEL.encode(event)));
        log.update(events);
    }
}
