/** Topologies and their options. */
@NullMarked
package dev.omniflow.jobs;

import org.jspecify.annotations.NullMarked;
