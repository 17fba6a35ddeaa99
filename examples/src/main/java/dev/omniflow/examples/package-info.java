/**
 * Stateful inference in a job of one's own: a recurrent network forecasts the readings of sensors,
 * and readings that it did not expect raise alarms.
 */
@NullMarked
package dev.omniflow.examples;

import org.jspecify.annotations.NullMarked;
