package dev.omniflow.onnx;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where graphs run. */
public sealed interface Device {
    /** The processor. */
    Device CPU = new Cpu();

    /** The processor. */
    record Cpu() implements Device {
        @Override
        public String toString() {
            return "cpu";
        }
    }

    /**
     * A graphics card, through CUDA.
     *
     * @param index its number as CUDA counts, from 0
     */
    record Cuda(int index) implements Device {
        public Cuda {
            if (index < 0) {
                throw new IllegalArgumentException("a CUDA device has a number >= 0, not " + index);
            }
        }

        @Override
        public String toString() {
            return "cuda:" + index;
        }
    }

    /**
     * The device of that name.
     *
     * @throws IllegalArgumentException if it names none
     */
    static Device parse(String name) {
        if (name.equals("cpu")) {
            return CPU;
        }
        Matcher cuda = Pattern.compile("cuda:([0-9]{1,3})").matcher(name);
        if (cuda.matches()) {
            return new Cuda(Integer.parseInt(cuda.group(1)));
        }
        throw new IllegalArgumentException(
                "a device is cpu or cuda:N, for example cuda:0, but this is '" + name + "'");
    }
}
