/** The commands that caption files, and the service that runs files as sessions. */
@NullMarked
package dev.omniflow.app.caption;

import org.jspecify.annotations.NullMarked;
