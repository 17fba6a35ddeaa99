/** The captions job under live sessions, and what it tells of itself: for benches of the whole. */
@NullMarked
package dev.omniflow.app.bench.live;

import org.jspecify.annotations.NullMarked;
