/**
 * The parts of ingest that nobody outside depends on: FFmpeg's handles, time line, channel tests.
 */
@NullMarked
package dev.omniflow.ingest.internal;

import org.jspecify.annotations.NullMarked;
