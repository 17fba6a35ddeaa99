package dev.omniflow.core.graph;

/**
 * Memory that a runtime holds on its device, in bytes.
 *
 * @param weights of loaded graphs
 * @param inUse of caches and of runs under way
 * @param idle kept for later use
 */
public record RuntimeMemory(long weights, long inUse, long idle) {}
