package dev.omniflow.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Writes small ONNX models without a library: the protocol buffer fields of onnx.proto that a graph
 * of plain operators needs.
 */
final class OnnxFile {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;

    private final Message graph = new Message().text(2, "graph");

    /** A protocol buffer message. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        private Message number(int field, long value) {
            varint(field << 3);
            varint(value);
            return this;
        }

        private Message bytes(int field, byte[] value) {
            varint((field << 3) | 2);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        private Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        private Message message(int field, Message value) {
            return bytes(field, value.out.toByteArray());
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }

    OnnxFile floatInput(String name, Object... shape) {
        graph.message(11, value(name, FLOAT, shape));
        return this;
    }

    OnnxFile longInput(String name, Object... shape) {
        graph.message(11, value(name, INT64, shape));
        return this;
    }

    OnnxFile floatOutput(String name, Object... shape) {
        graph.message(12, value(name, FLOAT, shape));
        return this;
    }

    OnnxFile longOutput(String name, Object... shape) {
        graph.message(12, value(name, INT64, shape));
        return this;
    }

    OnnxFile floats(String name, float[] values, long... shape) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        graph.message(5, tensor(name, FLOAT, raw.array(), shape));
        return this;
    }

    OnnxFile longs(String name, long[] values, long... shape) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        graph.message(5, tensor(name, INT64, raw.array(), shape));
        return this;
    }

    /** An operator without attributes. */
    OnnxFile node(String operator, String output, String... inputs) {
        return node(operator, output, List.of(inputs), Map.of());
    }

    /**
     * An operator.
     *
     * @param attributes each an integer or a list of integers
     */
    OnnxFile node(
            String operator, String output, List<String> inputs, Map<String, Object> attributes) {
        Message node = new Message();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(3, output).text(4, operator);
        attributes.forEach(
                (name, value) -> {
                    Message attribute = new Message().text(1, name);
                    if (value instanceof List<?> list) {
                        list.forEach(element -> attribute.number(8, (Integer) element));
                        attribute.number(20, 7);
                    } else {
                        attribute.number(3, (Integer) value).number(20, 2);
                    }
                    node.message(5, attribute);
                });
        graph.message(1, node);
        return this;
    }

    byte[] bytes() {
        return new Message()
                .number(1, IR_VERSION)
                .message(8, new Message().text(1, "").number(2, OPSET))
                .message(7, graph)
                .out
                .toByteArray();
    }

    private static Message value(String name, int type, Object... shape) {
        Message dimensions = new Message();
        for (Object dimension : shape) {
            dimensions.message(
                    1,
                    dimension instanceof Integer number
                            ? new Message().number(1, number)
                            : new Message().text(2, (String) dimension));
        }
        Message tensor = new Message().number(1, type).message(2, dimensions);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    private static Message tensor(String name, int type, byte[] raw, long... shape) {
        Message tensor = new Message();
        for (long dimension : shape) {
            tensor.number(1, dimension);
        }
        return tensor.number(2, type).text(8, name).bytes(9, raw);
    }
}
