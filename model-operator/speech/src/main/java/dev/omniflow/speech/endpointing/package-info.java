/** Where speech begins and ends: voice activity and the utterances cut from it. */
@NullMarked
package dev.omniflow.speech.endpointing;

import org.jspecify.annotations.NullMarked;
