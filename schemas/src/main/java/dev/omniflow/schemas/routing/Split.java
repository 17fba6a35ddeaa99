package dev.omniflow.schemas.routing;

/**
 * A bundle that some of the new sessions take.
 *
 * @param bundle {@code name@version}
 * @param permille of 1000 sessions, how many
 */
public record Split(String bundle, int permille) {}
