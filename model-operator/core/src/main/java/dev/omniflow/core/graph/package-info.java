/** Graph calls: what a session program asks of a model runtime, and what comes back. */
@NullMarked
package dev.omniflow.core.graph;

import org.jspecify.annotations.NullMarked;
