package dev.omniflow.speech.captions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.GraphRuntime;
import dev.omniflow.core.schedule.CallClass;
import dev.omniflow.core.session.IndexedInput;
import dev.omniflow.core.session.SessionContext;
import dev.omniflow.core.session.SessionProgram;
import dev.omniflow.core.session.SessionProgramFactory;
import dev.omniflow.schemas.MediaEvent;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Runs a program over a log as the operator would, with calls that end in any order, that may fail,
 * and with crashes; and checks at every step what the operator relies on.
 */
final class ProgramRun implements SessionContext<OutputEvent> {
    private final SessionProgramFactory<MediaEvent, OutputEvent> factory;
    private final GraphRuntime runtime;
    private final Random random;
    private final List<IndexedInput<MediaEvent>> kept = new ArrayList<>();
    private final List<OutputEvent> outputs = new ArrayList<>();
    private final List<GraphCall> inFlight = new ArrayList<>();
    private SessionProgram<MediaEvent> program;
    private long next;
    private long retainedFrom;
    private long settledBefore;
    private int mostKept;

    ProgramRun(
            SessionProgramFactory<MediaEvent, OutputEvent> factory,
            GraphRuntime runtime,
            Random random) {
        this.factory = factory;
        this.runtime = runtime;
        this.random = random;
        program = factory.create(this, Optional.empty(), List.of());
        program.resume();
    }

    @Override
    public void call(GraphCall call, CallClass callClass) {
        inFlight.add(call);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a call is the one that was handed in
    public void cancel(GraphCall call) {
        inFlight.removeIf(pending -> pending == call);
    }

    @Override
    public GraphCache newCache() {
        return runtime.newCache();
    }

    @Override
    public void emit(long cause, OutputEvent output) {
        assertThat(cause).as("cause of %s", output).isBetween(settledBefore, next);
        assertThat(kept).as("inputs that are kept").anyMatch(input -> input.index() == cause);
        outputs.add(output);
    }

    /** Hands the log in, crashing one time in so many steps; 0 for never. */
    ProgramRun play(List<MediaEvent> log, int crashOneIn) {
        for (MediaEvent event : log) {
            while (!program.ready() && !program.ended()) {
                crashSometimes(crashOneIn);
                runOneCall();
            }
            if (program.ended()) {
                break;
            }
            kept.add(new IndexedInput<>(next, event));
            program.accept(next, event);
            next++;
            afterStep();
            crashSometimes(crashOneIn);
            while (!inFlight.isEmpty() && random.nextInt(3) == 0) {
                runOneCall();
                crashSometimes(crashOneIn);
            }
        }
        while (!inFlight.isEmpty() && !program.ended()) {
            runOneCall();
            crashSometimes(crashOneIn);
        }
        return this;
    }

    private void crashSometimes(int oneIn) {
        if (oneIn > 0 && !program.ended() && random.nextInt(oneIn) == 0) {
            restoreWith(factory);
        }
    }

    /** Crashes, and goes on from the state with programs of that factory. */
    void restoreWith(SessionProgramFactory<MediaEvent, OutputEvent> other) {
        byte[] snapshot = program.snapshot();
        inFlight.clear();
        program.close();
        program = other.create(this, Optional.of(snapshot), List.copyOf(kept));
        program.resume();
        afterStep();
    }

    private void runOneCall() {
        assertThat(inFlight).as("calls, while the program takes no input").isNotEmpty();
        GraphCall call = inFlight.remove(random.nextInt(inFlight.size()));
        GraphResult result;
        try {
            result = runtime.run(0, List.of(call)).get(0);
        } catch (GraphException e) {
            result = new GraphResult.Failure(String.valueOf(e.getMessage()));
        }
        program.complete(call, result);
        afterStep();
    }

    /** As the operator does it: what is settled and retained only grows. */
    private void afterStep() {
        if (program.ended()) {
            return;
        }
        assertThat(program.settledBefore()).isGreaterThanOrEqualTo(settledBefore);
        settledBefore = program.settledBefore();
        assertThat(program.retainFrom()).isGreaterThanOrEqualTo(retainedFrom);
        retainedFrom = Math.min(program.retainFrom(), settledBefore);
        kept.removeIf(input -> input.index() < retainedFrom);
        mostKept = Math.max(mostKept, kept.size());
    }

    boolean ended() {
        return program.ended();
    }

    /** The most inputs that were kept at a time. */
    int mostKept() {
        return mostKept;
    }

    List<OutputEvent> outputs() {
        return List.copyOf(outputs);
    }

    Map<Stream, List<OutputEvent>> byStream() {
        Map<Stream, List<OutputEvent>> streams = new EnumMap<>(Stream.class);
        for (OutputEvent output : outputs) {
            streams.computeIfAbsent(output.getStream(), stream -> new ArrayList<>()).add(output);
        }
        return streams;
    }
}
