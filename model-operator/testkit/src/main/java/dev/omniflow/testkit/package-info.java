/** Parts for tests of session programs and graph runtimes. */
@NullMarked
package dev.omniflow.testkit;

import org.jspecify.annotations.NullMarked;
