/** Reads and writes the events as Avro single objects. */
@NullMarked
package dev.omniflow.schemas.codec;

import org.jspecify.annotations.NullMarked;
