package dev.omniflow.app.bench.operator;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.jspecify.annotations.Nullable;

/** Tells Flink how sessions are written. */
final class CarriedType extends TypeInformation<Carried> {
    private static final long serialVersionUID = 1;

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<Carried> getTypeClass() {
        return Carried.class;
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public TypeSerializer<Carried> createSerializer(SerializerConfig config) {
        return CarriedSerializer.INSTANCE;
    }

    @Override
    public String toString() {
        return "Carried";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CarriedType;
    }

    @Override
    public int hashCode() {
        return CarriedType.class.hashCode();
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof CarriedType;
    }
}
