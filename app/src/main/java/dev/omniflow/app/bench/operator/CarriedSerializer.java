package dev.omniflow.app.bench.operator;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes sessions; copies share their arrays, which nobody writes to. */
public final class CarriedSerializer extends TypeSerializerSingleton<Carried> {
    private static final long serialVersionUID = 1;
    static final CarriedSerializer INSTANCE = new CarriedSerializer();

    private CarriedSerializer() {}

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Carried createInstance() {
        return new Carried(0, 0, 0, 0, 0, new float[0][], new float[0][]);
    }

    @Override
    public Carried copy(Carried from) {
        return from;
    }

    @Override
    public Carried copy(Carried from, Carried reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Carried carried, DataOutputView out) throws IOException {
        out.writeInt(carried.session());
        out.writeInt(carried.step());
        out.writeInt(carried.length());
        out.writeLong(carried.token());
        out.writeLong(carried.digest());
        write(carried.fixed(), out);
        write(carried.state(), out);
    }

    private static void write(float[][] arrays, DataOutputView out) throws IOException {
        out.writeInt(arrays.length);
        for (float[] array : arrays) {
            out.writeInt(array.length);
            for (float element : array) {
                out.writeFloat(element);
            }
        }
    }

    @Override
    public Carried deserialize(DataInputView in) throws IOException {
        return new Carried(
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                read(in),
                read(in));
    }

    private static float[][] read(DataInputView in) throws IOException {
        float[][] arrays = new float[in.readInt()][];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = new float[in.readInt()];
            for (int element = 0; element < arrays[i].length; element++) {
                arrays[i][element] = in.readFloat();
            }
        }
        return arrays;
    }

    @Override
    public Carried deserialize(Carried reuse, DataInputView in) throws IOException {
        return deserialize(in);
    }

    @Override
    public void copy(DataInputView in, DataOutputView out) throws IOException {
        serialize(deserialize(in), out);
    }

    @Override
    public TypeSerializerSnapshot<Carried> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Says which serializer wrote; Flink makes it by name. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Carried> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
