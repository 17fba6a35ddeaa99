package dev.omniflow.app.bench.operator;

import ai.onnxruntime.OrtException;
import dev.omniflow.core.bundle.BundleException;
import java.io.Serializable;

/** Opens a graph where a job runs. Travels with the job graph. */
@FunctionalInterface
interface GraphOpener extends Serializable {
    BareGraph open() throws BundleException, OrtException;
}
