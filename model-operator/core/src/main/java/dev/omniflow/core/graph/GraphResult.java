package dev.omniflow.core.graph;

import java.util.Map;
import java.util.Objects;

/** How a graph call ended. */
public sealed interface GraphResult {
    /**
     * The call returned.
     *
     * @param outputs the wanted outputs, each with a batch of one
     */
    record Success(Map<String, Tensor> outputs) implements GraphResult {
        public Success {
            outputs = Map.copyOf(outputs);
        }

        /** The output of that name. */
        public Tensor output(String name) {
            Tensor tensor = outputs.get(name);
            if (tensor == null) {
                throw new IllegalArgumentException(
                        "the call returned the outputs "
                                + outputs.keySet()
                                + ", but not '"
                                + name
                                + "'");
            }
            return tensor;
        }
    }

    /**
     * The call failed, also alone: this session cannot go on.
     *
     * @param reason for people; no media, no transcripts
     */
    record Failure(String reason) implements GraphResult {
        public Failure {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * The device failed: no session of this process can go on.
     *
     * @param cause what the device said
     */
    record DeviceLost(Throwable cause) implements GraphResult {
        public DeviceLost {
            Objects.requireNonNull(cause, "cause");
        }
    }
}
