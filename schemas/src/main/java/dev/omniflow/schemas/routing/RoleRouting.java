package dev.omniflow.schemas.routing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which bundles the new sessions take for one role: the standard, and beside it at most one other
 * for everybody and one for each tenant. Immutable.
 *
 * @param standard what a session takes that no split takes; empty if callers still decide
 * @param everybody what a share of all sessions takes instead
 * @param tenants what a share of a tenant's sessions takes instead, by tenant
 * @param pending requests without a decision, in the order of the log
 */
public record RoleRouting(
        Optional<String> standard,
        Optional<Split> everybody,
        SortedMap<String, Split> tenants,
        List<RolloutRequest> pending) {
    static final RoleRouting NONE =
            new RoleRouting(Optional.empty(), Optional.empty(), new TreeMap<>(), List.of());

    public RoleRouting {
        tenants = Collections.unmodifiableSortedMap(new TreeMap<>(tenants));
        pending = List.copyOf(pending);
    }

    Optional<String> bundle(String tenant, int position) {
        Split own = tenants.get(tenant);
        if (own != null && position < own.permille()) {
            return Optional.of(own.bundle());
        }
        if (everybody.isPresent() && position < everybody.get().permille()) {
            return Optional.of(everybody.get().bundle());
        }
        return standard;
    }

    SortedSet<String> inService() {
        TreeSet<String> bundles = new TreeSet<>();
        standard.ifPresent(bundles::add);
        everybody.ifPresent(split -> bundles.add(split.bundle()));
        tenants.values().forEach(split -> bundles.add(split.bundle()));
        return bundles;
    }

    RoleRouting requested(RolloutRequest request) {
        List<RolloutRequest> waiting = without(request.rollout());
        waiting.add(request);
        return new RoleRouting(standard, everybody, tenants, waiting);
    }

    RoleRouting refused(String rollout) {
        return new RoleRouting(standard, everybody, tenants, without(rollout));
    }

    RoleRouting accepted(String rollout) {
        Optional<RolloutRequest> request =
                pending.stream().filter(one -> one.rollout().equals(rollout)).findFirst();
        if (request.isEmpty()) {
            return this; // an earlier decision won
        }
        return refused(rollout).inForce(request.get());
    }

    private RoleRouting inForce(RolloutRequest request) {
        String bundle = request.bundle();
        if (request.makesStandard()) {
            return new RoleRouting(Optional.of(bundle), Optional.empty(), new TreeMap<>(), pending);
        }
        if (request.withdraws()) {
            return withdrawn(request);
        }
        Split split = new Split(bundle, Math.min(request.permille(), RolloutRequest.ALL));
        if (request.tenants().isEmpty()) {
            return new RoleRouting(standard, Optional.of(split), tenants, pending);
        }
        TreeMap<String, Split> changed = new TreeMap<>(tenants);
        request.tenants().forEach(tenant -> changed.put(tenant, split));
        return new RoleRouting(standard, everybody, changed, pending);
    }

    private RoleRouting withdrawn(RolloutRequest request) {
        boolean all = request.tenants().isEmpty();
        TreeMap<String, Split> left = new TreeMap<>(tenants);
        left.entrySet().removeIf(entry -> isMeant(request, entry));
        Optional<Split> everybodyLeft =
                everybody.filter(split -> !all || !split.bundle().equals(request.bundle()));
        return new RoleRouting(standard, everybodyLeft, left, pending);
    }

    private static boolean isMeant(RolloutRequest request, Map.Entry<String, Split> entry) {
        return entry.getValue().bundle().equals(request.bundle())
                && (request.tenants().isEmpty() || request.tenants().contains(entry.getKey()));
    }

    /** Why a request cannot be accepted, whatever its bundle is like; empty if it can. */
    Optional<String> objection(RolloutRequest request) {
        if (request.permille() < 0 || request.permille() > RolloutRequest.ALL) {
            return Optional.of(
                    "a share is from 0 to "
                            + RolloutRequest.ALL
                            + " of 1000 sessions, not "
                            + request.permille());
        }
        if (request.withdraws() && withdrawn(request).equals(this)) {
            return Optional.of(
                    standard.equals(Optional.of(request.bundle()))
                            ? request.bundle()
                                    + " is the standard for "
                                    + request.role()
                                    + ": make another one the standard instead"
                            : request.bundle()
                                    + " is not in service for "
                                    + request.role()
                                    + ": there is nothing to take out");
        }
        return Optional.empty();
    }

    private List<RolloutRequest> without(String rollout) {
        List<RolloutRequest> left = new ArrayList<>(pending);
        left.removeIf(one -> one.rollout().equals(rollout));
        return left;
    }

    /** Requests that, accepted one after the other, lead here. */
    List<RolloutRequest> inForce(String role) {
        List<RolloutRequest> requests = new ArrayList<>();
        standard.ifPresent(
                bundle ->
                        requests.add(
                                new RolloutRequest(
                                        role, "standard", bundle, RolloutRequest.ALL, List.of())));
        everybody.ifPresent(
                split ->
                        requests.add(
                                new RolloutRequest(
                                        role,
                                        "everybody",
                                        split.bundle(),
                                        split.permille(),
                                        List.of())));
        tenants.forEach(
                (tenant, split) ->
                        requests.add(
                                new RolloutRequest(
                                        role,
                                        "tenant",
                                        split.bundle(),
                                        split.permille(),
                                        List.of(tenant))));
        return requests;
    }
}
