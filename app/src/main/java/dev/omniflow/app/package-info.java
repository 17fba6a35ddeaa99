/** The {@code omniflow} command: argument parsing, exit codes, and where it keeps its files. */
@NullMarked
package dev.omniflow.app;

import org.jspecify.annotations.NullMarked;
