package dev.omniflow.core.schedule;

import java.util.HashMap;
import java.util.Map;

/**
 * How much of the device each tenant of a priority had, among those that want it now. A tenant that
 * comes back begins with what the least served of them had, so that nobody saves up while away.
 * Guarded by the scheduler's lock.
 */
final class FairShares {
    private static final class Tenant {
        private long servedNanos;
        private int waiting;
    }

    /** Tenants with calls that wait; others are forgotten. */
    private final Map<String, Tenant> tenants = new HashMap<>();

    /** What the least served tenant had when it was last looked at; where a newcomer begins. */
    private long floor;

    void arrived(String tenant) {
        Tenant present = tenants.get(tenant);
        if (present == null) {
            present = new Tenant();
            present.servedNanos = floor;
            tenants.put(tenant, present);
        }
        present.waiting++;
    }

    void gone(String tenant) {
        Tenant present = require(tenant);
        present.waiting--;
    }

    long served(String tenant) {
        return require(tenant).servedNanos;
    }

    void charge(String tenant, long nanos) {
        require(tenant).servedNanos += nanos;
    }

    /**
     * Raises the floor to the least served that waits, or to the most served if nobody waits: then
     * all had what they wanted. Forgets who waits for nothing and has nothing to answer for.
     */
    void settle() {
        long least = Long.MAX_VALUE;
        long most = floor;
        for (Tenant tenant : tenants.values()) {
            if (tenant.waiting > 0) {
                least = Math.min(least, tenant.servedNanos);
            }
            most = Math.max(most, tenant.servedNanos);
        }
        floor = Math.max(floor, least == Long.MAX_VALUE ? most : least);
        long reached = floor;
        tenants.values().removeIf(tenant -> tenant.waiting == 0 && tenant.servedNanos <= reached);
    }

    private Tenant require(String tenant) {
        Tenant present = tenants.get(tenant);
        if (present == null) {
            throw new IllegalStateException("no call of tenant " + tenant + " waits");
        }
        return present;
    }
}
