/**
 * How the operator keeps sessions, holds watermarks and shares models. Not for other people's jobs.
 */
@NullMarked
package dev.omniflow.flink.internal;

import org.jspecify.annotations.NullMarked;
