/** Files that are whole or not there. */
@NullMarked
package dev.omniflow.sinks.files;

import org.jspecify.annotations.NullMarked;
