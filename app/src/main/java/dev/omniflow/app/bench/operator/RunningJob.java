package dev.omniflow.app.bench.operator;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.jspecify.annotations.Nullable;

/** A job that is measured, and its desk. Used by one thread. */
final class RunningJob<I, O> implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration END_LIMIT = Duration.ofSeconds(30);

    private final Desk<I, O> desk;
    private final String name;
    private final CompletableFuture<JobResult> result;

    RunningJob(Desk<I, O> desk, String name, CompletableFuture<JobResult> result) {
        this.desk = desk;
        this.name = name;
        this.result = result;
    }

    Desk<I, O> desk() {
        return desk;
    }

    /** The next thing that comes out of the job. */
    O take() throws BenchException, InterruptedException {
        BlockingQueue<O> outputs = desk.outputs();
        O output = outputs.poll();
        while (output == null) {
            output = outputs.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
            if (output == null && result.isDone()) {
                throw new BenchException("the job " + name + " has failed", failure());
            }
        }
        return output;
    }

    private @Nullable Throwable failure() throws InterruptedException {
        try {
            return result.get()
                    .getSerializedThrowable()
                    .<Throwable>map(
                            error -> error.deserializeError(RunningJob.class.getClassLoader()))
                    .orElse(null);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** Lets the job come to its end. */
    @Override
    public void close() {
        desk.close();
        try {
            result.get(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the job " + name + " did not end", e);
        } catch (InterruptedException e) {
            // The cluster closes next, which ends the tasks the hard way.
            Thread.currentThread().interrupt();
        }
    }
}
