package dev.omniflow.app.bench.checkpoints;

import java.time.Duration;

/**
 * How the cost is measured.
 *
 * @param pairs how often two windows are compared
 * @param window what a window lasts
 * @param warmUp what comes before the first
 * @param interval time between checkpoints
 */
record CostPlan(int pairs, Duration window, Duration warmUp, Duration interval) {}
