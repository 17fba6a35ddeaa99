/** Recognition of one utterance with a Whisper bundle. */
@NullMarked
package dev.omniflow.speech.whisper;

import org.jspecify.annotations.NullMarked;
