/** Audio as samples on a session time line, and as log-mel features. */
@NullMarked
package dev.omniflow.speech.features;

import org.jspecify.annotations.NullMarked;
