/**
 * The commands that kill and rescale the captions job under live sessions, and compare what came
 * out with a run of the same log in which nothing happened.
 */
@NullMarked
package dev.omniflow.app.bench.recovery;

import org.jspecify.annotations.NullMarked;
