package dev.omniflow.onnx;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * How ONNX Runtime is used.
 *
 * @param threadsPerCall threads that work on one run; 1 spends nothing on handing work around
 * @param maxIdleBytes direct memory kept for later use beyond what is in use
 * @param device where graphs run
 * @param maxDeviceBytes most memory of a CUDA device that the runs of one graph may take, besides
 *     its weights; empty for no limit. ONNX Runtime counts each graph for itself
 */
public record OnnxOptions(
        int threadsPerCall, long maxIdleBytes, Device device, OptionalLong maxDeviceBytes) {
    public OnnxOptions {
        Objects.requireNonNull(device, "device");
        if (threadsPerCall < 1) {
            throw new IllegalArgumentException(
                    "threadsPerCall is " + threadsPerCall + ", not >= 1");
        }
        if (maxIdleBytes < 0) {
            throw new IllegalArgumentException("maxIdleBytes is " + maxIdleBytes + ", not >= 0");
        }
        if (maxDeviceBytes.isPresent()) {
            if (maxDeviceBytes.getAsLong() < 1) {
                throw new IllegalArgumentException(
                        "maxDeviceBytes is " + maxDeviceBytes.getAsLong() + ", not >= 1");
            }
            if (device instanceof Device.Cpu) {
                throw new IllegalArgumentException(
                        "maxDeviceBytes limits a CUDA device, but the device is cpu: name a device"
                                + " cuda:N or leave the limit out");
            }
        }
    }

    /** On the processor. */
    public OnnxOptions(int threadsPerCall, long maxIdleBytes) {
        this(threadsPerCall, maxIdleBytes, Device.CPU, OptionalLong.empty());
    }

    /** On the processor, one thread a call, 256 MiB kept. */
    public static OnnxOptions defaults() {
        return new OnnxOptions(1, 256L << 20);
    }

    /** The same with so many threads. */
    public OnnxOptions withThreadsPerCall(int threads) {
        return new OnnxOptions(threads, maxIdleBytes, device, maxDeviceBytes);
    }

    /** The same on another device. */
    public OnnxOptions withDevice(Device other) {
        return new OnnxOptions(threadsPerCall, maxIdleBytes, other, maxDeviceBytes);
    }

    /** The same with a limit for each graph. */
    public OnnxOptions withMaxDeviceBytes(long bytes) {
        return new OnnxOptions(threadsPerCall, maxIdleBytes, device, OptionalLong.of(bytes));
    }
}
