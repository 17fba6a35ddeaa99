package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/**
 * One graph call for one record, on a pool of threads, each with buffers and tensors of its own
 * that it uses again and again.
 */
final class AsyncStep extends RichAsyncFunction<Carried, Carried> {
    private static final long serialVersionUID = 1;

    private final GraphOpener opener;
    private final int threadCount;

    private transient BareGraph graph;
    private transient ExecutorService threads;
    private transient BlockingQueue<BareBatch> idle;
    private transient List<BareBatch> batches;

    AsyncStep(GraphOpener opener, int threadCount) {
        this.opener = opener;
        this.threadCount = threadCount;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        graph = opener.open();
        batches = new ArrayList<>();
        for (int i = 0; i < threadCount; i++) {
            batches.add(graph.batch(1));
        }
        idle = new LinkedBlockingQueue<>(batches);
        threads = Executors.newFixedThreadPool(threadCount);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // what fails is told to the record's future
    public void asyncInvoke(Carried before, ResultFuture<Carried> after) {
        threads.submit(
                () -> {
                    try {
                        after.complete(List.of(step(before)));
                    } catch (OrtException | InterruptedException | RuntimeException e) {
                        after.completeExceptionally(e);
                    }
                });
    }

    private Carried step(Carried before) throws OrtException, InterruptedException {
        BareBatch batch = idle.take();
        try {
            batch.load(List.of(before));
            batch.step();
            return batch.unload(before);
        } finally {
            idle.put(batch);
        }
    }

    @Override
    public void close() {
        if (threads != null) {
            threads.shutdownNow();
        }
        if (batches != null) {
            batches.forEach(BareBatch::close);
        }
        if (graph != null) {
            graph.close();
        }
    }
}
