package dev.omniflow.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import dev.omniflow.core.graph.CachePlan;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphException;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of a graph over a batch of calls: lays the inputs side by side, runs, gives each call its
 * rows.
 *
 * <p>Outputs are written by ONNX Runtime straight into pooled buffers once their shapes are known
 * from an earlier run of the same shape. Caches change only after the run succeeded, so a failed
 * run can be tried again.
 */
final class OnnxRun implements AutoCloseable {
    private final OrtEnvironment environment;
    private final BufferPool pool;
    private final LaneArena arena;
    private final int lane;
    private final LoadedGraph graph;
    private final List<GraphCall> calls;
    private final CachePlan plan;
    private final int batch;
    private final List<OnnxCache> caches = new ArrayList<>();
    private final List<OnnxTensor> tensors = new ArrayList<>();
    private final Set<ByteBuffer> borrowed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, LaneArena.Slab> slabs = new HashMap<>();

    /** Buffers of each call that outputs will be kept in, by output; null where none is needed. */
    private final Map<String, @Nullable ByteBuffer[]> reservedToStore = new HashMap<>();

    private final Map<String, @Nullable ByteBuffer[]> reservedToAppend = new HashMap<>();
    private int[] rows = new int[0];

    OnnxRun(
            OrtEnvironment environment,
            BufferPool pool,
            LaneArena arena,
            int lane,
            LoadedGraph graph,
            List<GraphCall> calls) {
        this.environment = environment;
        this.pool = pool;
        this.arena = arena;
        this.lane = lane;
        this.graph = graph;
        this.calls = calls;
        plan = calls.get(0).plan();
        batch = calls.size();
    }

    /**
     * Runs the graph.
     *
     * @throws GraphException if it cannot be run or there is no memory for it; the caches are as
     *     before
     */
    List<GraphResult.Success> execute() throws OrtException, GraphException {
        graph.requireFits(calls.get(0));
        beginUse();
        Map<String, Output> outputs;
        List<GraphResult.Success> results;
        try {
            rows = rowsOfCalls();
            outputs = runGraph(inputs());
            results = results(outputs);
            reserve(outputs);
        } catch (OutOfMemoryError e) {
            throw GraphException.ofCall(
                    "no memory for "
                            + batch
                            + " calls of graph "
                            + graph.spec().name()
                            + " at a time: run fewer or give the process more ("
                            + e.getMessage()
                            + ")",
                    e);
        }
        updateCaches(outputs);
        return results;
    }

    private Map<String, OnnxTensor> inputs() throws OrtException, GraphException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        for (String name : calls.get(0).inputs().keySet()) {
            inputs.put(name, travelling(name));
        }
        for (String name : plan.reads()) {
            inputs.put(name, resident(name));
        }
        if (plan.lengthInput().isPresent()) {
            inputs.put(plan.lengthInput().get(), lengths());
        }
        return inputs;
    }

    /** What was begun is ended by {@link #close}, also if a later cache refuses. */
    private void beginUse() throws GraphException {
        for (GraphCall call : calls) {
            if (call.cache().isPresent()) {
                if (!(call.cache().get() instanceof OnnxCache cache)) {
                    throw GraphException.ofCall(
                            "the call's cache was not made by this runtime, but is a "
                                    + call.cache().get().getClass().getName());
                }
                cache.beginUse();
                caches.add(cache);
            }
        }
    }

    /** Which row of the batch each call takes. */
    private int[] rowsOfCalls() {
        if (batch > 1 && !plan.reads().isEmpty()) {
            return LaneArena.assignRows(caches);
        }
        int[] inOrder = new int[batch];
        for (int i = 0; i < batch; i++) {
            inOrder[i] = i;
        }
        return inOrder;
    }

    private OnnxTensor travelling(String name) throws OrtException, GraphException {
        Tensor first = calls.get(0).inputs().get(name);
        long[] shape = Shapes.batched(batch, Shapes.row(first.shape()));
        int size = first.size();
        if (first instanceof Tensor.Longs) {
            ByteBuffer buffer = borrow((long) batch * size * Long.BYTES);
            LongBuffer longs = buffer.asLongBuffer();
            for (int i = 0; i < batch; i++) {
                longs.put(rows[i] * size, calls.get(i).inputs().get(name).longs());
            }
            return tensor(longs, shape);
        }
        ByteBuffer buffer = borrow((long) batch * size * Float.BYTES);
        FloatBuffer floats = buffer.asFloatBuffer();
        for (int i = 0; i < batch; i++) {
            floats.put(rows[i] * size, calls.get(i).inputs().get(name).floats());
        }
        return tensor(floats, shape);
    }

    private OnnxTensor lengths() throws OrtException, GraphException {
        LongBuffer longs = borrow((long) batch * Long.BYTES).asLongBuffer();
        for (int i = 0; i < batch; i++) {
            longs.put(rows[i], caches.get(i).length());
        }
        return tensor(longs, new long[] {batch});
    }

    private OnnxTensor resident(String name) throws OrtException, GraphException {
        List<OnnxCache.Entry> entries = new ArrayList<>(batch);
        for (OnnxCache cache : caches) {
            entries.add(
                    cache.has(name)
                            ? cache.entry(name)
                            : OnnxCache.emptyEntry(emptyRowShape(name)));
        }
        long[] rowShape = entries.get(0).rowShape();
        if (batch == 1) {
            return tensor(entries.get(0).floats(), Shapes.batched(1, rowShape));
        }
        LaneArena.Slab slab = arena.gather(name, caches, entries, rows);
        slabs.put(name, slab);
        return tensor(slab.rows(batch).asFloatBuffer(), Shapes.batched(batch, rowShape));
    }

    /**
     * An appended entry before its first append: the shape that the bundle describes, with no
     * positions.
     */
    private long[] emptyRowShape(String name) throws GraphException {
        if (!plan.appends().containsValue(name)) {
            throw GraphException.ofCall(
                    "the cache lacks '"
                            + name
                            + "', which graph "
                            + graph.spec().name()
                            + " reads: the call that stores it has to come first");
        }
        List<String> described = graph.spec().inputs().get(name).shape();
        return new long[] {Long.parseLong(described.get(1)), 0, Long.parseLong(described.get(3))};
    }

    /** An output of the whole batch in direct memory. */
    private record Output(ByteBuffer buffer, long[] shape, OnnxJavaType type) {
        int rowElements() {
            return Math.toIntExact(Shapes.elements(Shapes.row(shape)));
        }
    }

    private Map<String, Output> runGraph(Map<String, OnnxTensor> inputs)
            throws OrtException, GraphException {
        Set<String> wanted = new HashSet<>(calls.get(0).outputs());
        wanted.addAll(plan.stores().keySet());
        wanted.addAll(plan.appends().keySet());
        Object shapeKey = calls.get(0).batchKey();
        Map<String, long[]> known = graph.outputRowShapes().get(shapeKey);
        if (known == null) {
            return learn(inputs, wanted, shapeKey);
        }
        Map<String, Output> outputs = new HashMap<>();
        Map<String, OnnxTensor> pinned = new HashMap<>();
        for (String name : wanted) {
            Output output = allocate(name, Shapes.batched(batch, known.get(name)));
            outputs.put(name, output);
            pinned.put(
                    name,
                    output.type() == OnnxJavaType.INT64
                            ? tensor(view(output).asLongBuffer(), output.shape())
                            : tensor(view(output).asFloatBuffer(), output.shape()));
        }
        graph.session().run(inputs, Set.of(), pinned).close();
        return outputs;
    }

    /** The first run of a shape: ONNX Runtime allocates, and what it made is copied. */
    private Map<String, Output> learn(
            Map<String, OnnxTensor> inputs, Set<String> wanted, Object shapeKey)
            throws OrtException, GraphException {
        Map<String, long[]> rowShapes = new HashMap<>();
        Map<String, Output> outputs = new HashMap<>();
        try (OrtSession.Result result = graph.session().run(inputs, wanted)) {
            for (String name : wanted) {
                OnnxTensor tensor = (OnnxTensor) result.get(name).orElseThrow();
                long[] shape = tensor.getInfo().getShape();
                if (shape.length == 0 || shape[0] != batch) {
                    throw GraphException.ofCall(
                            "output "
                                    + name
                                    + " must have the batch as its first dimension, "
                                    + batch
                                    + ", but its shape is "
                                    + Arrays.toString(shape));
                }
                rowShapes.put(name, Shapes.row(shape));
                Output output = allocate(name, shape);
                if (output.type() == OnnxJavaType.INT64) {
                    output.buffer().asLongBuffer().put(tensor.getLongBuffer());
                } else {
                    output.buffer().asFloatBuffer().put(tensor.getFloatBuffer());
                }
                outputs.put(name, output);
            }
        }
        graph.outputRowShapes().put(shapeKey, rowShapes);
        return outputs;
    }

    private Output allocate(String name, long[] shape) throws GraphException {
        OnnxJavaType type =
                graph.spec().outputs().get(name).type().equals("int64")
                        ? OnnxJavaType.INT64
                        : OnnxJavaType.FLOAT;
        return new Output(borrow(Shapes.elements(shape) * type.size), shape, type);
    }

    private static ByteBuffer view(Output output) {
        int bytes = Math.toIntExact(Shapes.elements(output.shape()) * output.type().size);
        return output.buffer().slice(0, bytes).order(output.buffer().order());
    }

    private List<GraphResult.Success> results(Map<String, Output> outputs) {
        List<GraphResult.Success> results = new ArrayList<>(batch);
        for (int i = 0; i < batch; i++) {
            Map<String, Tensor> mine = new HashMap<>();
            for (String name : calls.get(i).outputs()) {
                Output output = outputs.get(name);
                int size = output.rowElements();
                long[] shape = Shapes.batched(1, Shapes.row(output.shape()));
                if (output.type() == OnnxJavaType.INT64) {
                    long[] data = new long[size];
                    output.buffer().asLongBuffer().get(rows[i] * size, data);
                    mine.put(name, Tensor.of(data, shape));
                } else {
                    float[] data = new float[size];
                    output.buffer().asFloatBuffer().get(rows[i] * size, data);
                    mine.put(name, Tensor.of(data, shape));
                }
            }
            results.add(new GraphResult.Success(mine));
        }
        return results;
    }

    /** Takes all memory that {@link #updateCaches} will need, so that it cannot fail half way. */
    private void reserve(Map<String, Output> outputs) throws GraphException {
        for (String name : plan.stores().keySet()) {
            ByteBuffer[] buffers = new ByteBuffer[batch];
            // The output of a single call is itself what is stored.
            for (int i = 0; i < batch && batch > 1; i++) {
                buffers[i] = borrow((long) outputs.get(name).rowElements() * Float.BYTES);
            }
            reservedToStore.put(name, buffers);
        }
        for (Map.Entry<String, String> append : plan.appends().entrySet()) {
            Positions positions = Positions.of(outputs.get(append.getKey()));
            ByteBuffer[] buffers = new ByteBuffer[batch];
            for (int i = 0; i < batch; i++) {
                OptionalLong bytes =
                        caches.get(i)
                                .bytesToGrow(
                                        append.getValue(),
                                        positions.heads(),
                                        positions.count(),
                                        positions.width(),
                                        plan.bucket());
                if (bytes.isPresent()) {
                    buffers[i] = borrow(bytes.getAsLong());
                }
            }
            reservedToAppend.put(append.getKey(), buffers);
        }
    }

    /** Sizes of an output {@code [B, heads, count, width]}. */
    private record Positions(int heads, int count, int width) {
        static Positions of(Output output) {
            long[] shape = output.shape();
            return new Positions(
                    Math.toIntExact(shape[1]),
                    Math.toIntExact(shape[2]),
                    Math.toIntExact(shape[3]));
        }
    }

    private void updateCaches(Map<String, Output> outputs) {
        plan.stores().forEach((name, entry) -> store(name, outputs.get(name), entry));
        if (plan.appends().isEmpty()) {
            return;
        }
        int count = 0;
        for (Map.Entry<String, String> append : plan.appends().entrySet()) {
            count = append(append.getKey(), outputs.get(append.getKey()), append.getValue());
        }
        for (OnnxCache cache : caches) {
            cache.lengthen(count);
            if (cache.home().isEmpty()) {
                cache.place(lane);
            }
        }
    }

    private void store(String name, Output output, String entry) {
        long[] rowShape = Shapes.row(output.shape());
        if (batch == 1) {
            borrowed.remove(output.buffer());
            caches.get(0).store(entry, output.buffer(), rowShape);
            return;
        }
        int rowBytes = output.rowElements() * Float.BYTES;
        @Nullable ByteBuffer[] reserved = Objects.requireNonNull(reservedToStore.get(name));
        for (int i = 0; i < batch; i++) {
            ByteBuffer own = Objects.requireNonNull(reserved[i]);
            own.slice(0, rowBytes).put(output.buffer().slice(rows[i] * rowBytes, rowBytes));
            borrowed.remove(own);
            caches.get(i).store(entry, own, rowShape);
        }
    }

    /** Appends the new positions of every call to its entry; returns how many there are. */
    private int append(String name, Output output, String entry) {
        Positions positions = Positions.of(output);
        int heads = positions.heads();
        int count = positions.count();
        int width = positions.width();
        int rowElements = heads * count * width;
        FloatBuffer all = output.buffer().asFloatBuffer();
        @Nullable ByteBuffer[] reserved = Objects.requireNonNull(reservedToAppend.get(name));
        for (int i = 0; i < batch; i++) {
            OnnxCache cache = caches.get(i);
            FloatBuffer mine = all.slice(rows[i] * rowElements, rowElements);
            ByteBuffer grown = reserved[i];
            if (grown != null) {
                borrowed.remove(grown);
            }
            boolean inPlace = cache.append(entry, mine, heads, count, width, plan.bucket(), grown);
            LaneArena.Slab slab = slabs.get(entry);
            if (inPlace && slab != null) {
                OnnxCache.Entry appended = cache.entry(entry);
                int padded = Math.toIntExact(appended.rowShape()[1]);
                Shapes.scatter(
                        mine,
                        slab.row(rows[i]).asFloatBuffer(),
                        heads,
                        count,
                        width,
                        padded,
                        cache.length());
                slab.advance(rows[i], cache, appended.version());
            }
        }
        return count;
    }

    private ByteBuffer borrow(long bytes) throws GraphException {
        ByteBuffer buffer = pool.take(bytes);
        borrowed.add(buffer);
        return buffer;
    }

    private OnnxTensor tensor(FloatBuffer buffer, long[] shape) throws OrtException {
        OnnxTensor tensor = OnnxTensor.createTensor(environment, exact(buffer, shape), shape);
        tensors.add(tensor);
        return tensor;
    }

    private OnnxTensor tensor(LongBuffer buffer, long[] shape) throws OrtException {
        LongBuffer exact = buffer.slice(0, Math.toIntExact(OrtUtil.elementCount(shape)));
        OnnxTensor tensor = OnnxTensor.createTensor(environment, exact, shape);
        tensors.add(tensor);
        return tensor;
    }

    private static FloatBuffer exact(FloatBuffer buffer, long[] shape) {
        return buffer.slice(0, Math.toIntExact(OrtUtil.elementCount(shape)));
    }

    @Override
    public void close() {
        tensors.forEach(OnnxTensor::close);
        borrowed.forEach(pool::give);
        caches.forEach(OnnxCache::endUse);
    }
}
