/** Parts of the topologies. */
@NullMarked
package dev.omniflow.jobs.internal;

import org.jspecify.annotations.NullMarked;
