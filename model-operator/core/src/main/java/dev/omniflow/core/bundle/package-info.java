/** What a bundle of model graphs is, and how one is read. */
@NullMarked
package dev.omniflow.core.bundle;

import org.jspecify.annotations.NullMarked;
