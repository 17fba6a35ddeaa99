/** What checkpoints cost: {@code omniflow bench checkpoints}. */
@NullMarked
package dev.omniflow.app.bench.checkpoints;

import org.jspecify.annotations.NullMarked;
