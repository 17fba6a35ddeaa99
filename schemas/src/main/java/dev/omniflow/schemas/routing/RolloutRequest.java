package dev.omniflow.schemas.routing;

import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.RolloutRequested;
import java.util.List;
import java.util.TreeSet;

/**
 * A wish that new sessions take a bundle.
 *
 * @param role what the bundle is for
 * @param rollout id of the rollout
 * @param bundle {@code name@version}
 * @param permille of 1000 new sessions, how many; 0 takes the bundle out of service
 * @param tenants whose sessions, sorted; empty for everybody's
 */
public record RolloutRequest(
        String role, String rollout, String bundle, int permille, List<String> tenants) {
    /** All of 1000 sessions. */
    public static final int ALL = 1000;

    public RolloutRequest {
        tenants = List.copyOf(new TreeSet<>(tenants));
    }

    /** The request as it was written. */
    static RolloutRequest of(ModelEvent event, RolloutRequested requested) {
        return new RolloutRequest(
                event.getRole(),
                event.getRollout(),
                requested.getBundle(),
                requested.getSharePermille(),
                requested.getTenants());
    }

    /**
     * The request as it is written.
     *
     * @param timeUs when, in microseconds since 1970-01-01 UTC
     */
    public ModelEvent event(long timeUs) {
        return new ModelEvent(
                role, rollout, timeUs, new RolloutRequested(bundle, permille, tenants));
    }

    /** Whether it makes the bundle the standard of its role. */
    public boolean makesStandard() {
        return permille >= ALL && tenants.isEmpty();
    }

    /** Whether it takes the bundle out of service. */
    public boolean withdraws() {
        return permille <= 0;
    }
}
