/** The session program that turns audio into captions. */
@NullMarked
package dev.omniflow.speech.captions;

import org.jspecify.annotations.NullMarked;
