/**
 * Sessions' graph calls a second through the operator, beside a bare ONNX Runtime loop and beside
 * Flink's async I/O. The only code outside of the runtime's module that calls ONNX Runtime, since
 * it measures what that module costs.
 */
@NullMarked
package dev.omniflow.app.bench.operator;

import org.jspecify.annotations.NullMarked;
