/** Runs the graphs of bundles with ONNX Runtime. */
@NullMarked
package dev.omniflow.onnx;

import org.jspecify.annotations.NullMarked;
