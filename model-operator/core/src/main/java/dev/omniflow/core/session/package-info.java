/** Session programs: explicit state machines without I/O, one for each session. */
@NullMarked
package dev.omniflow.core.session;

import org.jspecify.annotations.NullMarked;
