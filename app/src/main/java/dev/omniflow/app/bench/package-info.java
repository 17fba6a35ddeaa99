/** The commands that measure accuracy and speed on a corpus. */
@NullMarked
package dev.omniflow.app.bench;

import org.jspecify.annotations.NullMarked;
