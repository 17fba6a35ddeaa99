package dev.omniflow.onnx;

/** The device that the options name cannot be used. Nothing else is taken in its place. */
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DeviceException(String message, Throwable cause) {
        super(message, cause);
    }

    DeviceException(String message) {
        super(message);
    }
}
