/** The command that changes models while the system runs. */
@NullMarked
package dev.omniflow.app.rollout;

import org.jspecify.annotations.NullMarked;
