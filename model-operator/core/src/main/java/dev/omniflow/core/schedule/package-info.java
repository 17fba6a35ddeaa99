/** Forms batches out of the graph calls of many sessions and runs them on a device's lanes. */
@NullMarked
package dev.omniflow.core.schedule;

import org.jspecify.annotations.NullMarked;
