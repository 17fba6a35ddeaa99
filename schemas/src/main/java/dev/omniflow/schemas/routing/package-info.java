/** Which model bundles new sessions take: folds the log of rollouts. No I/O. */
@NullMarked
package dev.omniflow.schemas.routing;

import org.jspecify.annotations.NullMarked;
