/** The embedded runtime: a Kafka broker and a Flink cluster inside this process. */
@NullMarked
package dev.omniflow.app.runtime;

import org.jspecify.annotations.NullMarked;
