/** Session programs as a Flink operator over keyed state. */
@NullMarked
package dev.omniflow.flink;

import org.jspecify.annotations.NullMarked;
