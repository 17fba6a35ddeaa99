/** Whether memory and state return after many sessions: {@code omniflow bench soak}. */
@NullMarked
package dev.omniflow.app.bench.soak;

import org.jspecify.annotations.NullMarked;
