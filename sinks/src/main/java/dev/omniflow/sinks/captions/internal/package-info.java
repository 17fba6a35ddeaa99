/** The parts of caption layout that nobody outside depends on. */
@NullMarked
package dev.omniflow.sinks.captions.internal;

import org.jspecify.annotations.NullMarked;
