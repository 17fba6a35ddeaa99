/**
 * A real cluster of processes on this machine: Kafka, a JobManager and TaskManagers, each a Java
 * virtual machine of its own that can be killed and comes back.
 */
@NullMarked
package dev.omniflow.app.cluster;

import org.jspecify.annotations.NullMarked;
