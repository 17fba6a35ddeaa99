package dev.omniflow.schemas.routing;

import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.RolloutAccepted;
import dev.omniflow.schemas.RolloutRefused;
import dev.omniflow.schemas.RolloutRequested;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * Which bundle a new session takes, as the log of rollouts says.
 *
 * <ul>
 *   <li>A request takes effect at its acceptance, at that place of the log. The first decision on a
 *       request counts, later ones say nothing.
 *   <li>Of a role there is a standard, and beside it at most one other bundle for everybody and one
 *       for each tenant, each with a share of the sessions; the newest request for everybody, or
 *       for a tenant, replaces the one before. The tenant's goes first.
 *   <li>A new standard replaces all of them.
 *   <li>Whether a session is within a share follows from its id and the role alone: all that read
 *       the same log agree, and a session that is within a share is within every larger one.
 * </ul>
 *
 * <p>Immutable.
 */
public final class ModelRouting {
    /** Before the first rollout. */
    public static final ModelRouting EMPTY = new ModelRouting(new TreeMap<>());

    private final SortedMap<String, RoleRouting> roles;

    private ModelRouting(SortedMap<String, RoleRouting> roles) {
        this.roles = roles;
    }

    /** Once this event came too. */
    public ModelRouting after(ModelEvent event) {
        RoleRouting before = of(event.getRole());
        RoleRouting after;
        if (event.getPayload() instanceof RolloutRequested requested) {
            after = before.requested(RolloutRequest.of(event, requested));
        } else if (event.getPayload() instanceof RolloutAccepted) {
            after = before.accepted(event.getRollout());
        } else if (event.getPayload() instanceof RolloutRefused) {
            after = before.refused(event.getRollout());
        } else {
            throw new IllegalArgumentException(
                    "expected a request or a decision, not " + event.getPayload());
        }
        if (after.equals(before)) {
            return this;
        }
        TreeMap<String, RoleRouting> changed = new TreeMap<>(roles);
        if (after.equals(RoleRouting.NONE)) {
            changed.remove(event.getRole());
        } else {
            changed.put(event.getRole(), after);
        }
        return new ModelRouting(changed);
    }

    /**
     * The bundle that a new session takes, as {@code name@version}; empty if nothing was decided
     * for it, so that its caller's default holds.
     */
    public Optional<String> resolve(String role, String tenant, String session) {
        return of(role).bundle(tenant, position(role, session));
    }

    /** Bundles that new sessions may take. */
    public SortedSet<String> inService(String role) {
        return of(role).inService();
    }

    /** What is in force for a role. */
    public RoleRouting of(String role) {
        return roles.getOrDefault(role, RoleRouting.NONE);
    }

    /** Every role with its routing. */
    public SortedMap<String, RoleRouting> roles() {
        return new TreeMap<>(roles);
    }

    /** Why a request cannot be accepted, whatever its bundle is like; empty if it can. */
    public Optional<String> objection(RolloutRequest request) {
        return of(request.role()).objection(request);
    }

    /** A log that leads here, as short as can be. */
    public List<ModelEvent> events() {
        List<ModelEvent> events = new ArrayList<>();
        roles.forEach(
                (role, routing) -> {
                    for (RolloutRequest request : routing.inForce(role)) {
                        events.add(request.event(0));
                        events.add(
                                new ModelEvent(role, request.rollout(), 0L, new RolloutAccepted()));
                    }
                    routing.pending().forEach(request -> events.add(request.event(0)));
                });
        return events;
    }

    /**
     * Where a session lies among 1000: the first 8 bytes of the SHA-256 of role, a zero and session
     * in UTF-8, as an unsigned number, modulo 1000.
     */
    static int position(String role, String session) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(role.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            byte[] hash = digest.digest(session.getBytes(StandardCharsets.UTF_8));
            return (int)
                    Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), RolloutRequest.ALL);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModelRouting routing && routing.roles.equals(roles);
    }

    @Override
    public int hashCode() {
        return roles.hashCode();
    }

    @Override
    public String toString() {
        return roles.toString();
    }
}
