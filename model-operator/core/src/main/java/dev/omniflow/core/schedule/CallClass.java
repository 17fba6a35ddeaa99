package dev.omniflow.core.schedule;

import java.util.Objects;

/**
 * On whose behalf a call is made, and how urgent it is.
 *
 * @param tenant tenants of one priority get equal shares of the device
 * @param priority more urgent calls go first
 */
public record CallClass(String tenant, Priority priority) {
    /** Live, of nobody in particular. */
    public static final CallClass DEFAULT = new CallClass("default", Priority.LIVE);

    public CallClass {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(priority, "priority");
    }
}
