/** Outputs of chosen sessions out of Kafka, each once. */
@NullMarked
package dev.omniflow.sinks.kafka;

import org.jspecify.annotations.NullMarked;
