package dev.omniflow.app.bench.checkpoints;

import java.util.Map;

/**
 * CPU seconds of a while.
 *
 * @param seconds of the process
 * @param parts of its parts; they add up to it
 */
record CpuUse(double seconds, Map<Part, Double> parts) {
    CpuUse {
        parts = Map.copyOf(parts);
    }

    double of(Part part) {
        return parts.getOrDefault(part, 0.0);
    }

    /** Of the job alone: without broker and load. */
    double ofJob() {
        return seconds - of(Part.BROKER) - of(Part.LOAD);
    }
}
