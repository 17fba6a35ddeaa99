package dev.omniflow.app.bench.recovery;

/**
 * What a job runs on.
 *
 * @param taskManagers processes
 * @param slots of each
 * @param parallelism of the job at first
 * @param mostParallelism that it will have
 */
record Layout(int taskManagers, int slots, int parallelism, int mostParallelism) {}
