package dev.omniflow.flink.internal;

import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.core.graph.LoadedBundles;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bundles that one subtask keeps loaded, whether or not a session runs on them. Not
 * thread-safe: one owner.
 */
final class ModelLeases implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLeases.class);

    private final LoadedBundles<?> bundles;
    private final Map<BundleId, LoadedBundles<?>.Lease> held = new TreeMap<>();

    ModelLeases(LoadedBundles<?> bundles) {
        this.bundles = bundles;
    }

    /**
     * Loads a bundle, which takes seconds, and keeps it.
     *
     * @return why that cannot be, in one line; empty if it is loaded
     */
    Optional<String> trial(String role, String name) {
        try {
            BundleId id = BundleId.parse(name);
            Bundle bundle = bundles.folders().describe(id);
            if (!bundle.kind().equals(role)) {
                return Optional.of(
                        "expected a bundle of kind "
                                + role
                                + ", but "
                                + id
                                + " is of kind "
                                + bundle.kind());
            }
            hold(id);
            return Optional.empty();
        } catch (BundleException | RuntimeException e) {
            // Whatever a bundle does to who loads it, the sessions on other bundles go on.
            LOG.warn("bundle {} cannot be put into service for {}", name, role, e);
            return Optional.of(reason(e));
        }
    }

    /**
     * Gives back all bundles but these.
     *
     * @param needed loads those of them that are not
     * @param allowed kept if they are held
     * @throws BundleException if a bundle that is needed is not there or broken
     */
    void keep(Set<BundleId> needed, Set<BundleId> allowed) throws BundleException {
        for (BundleId id : needed) {
            hold(id);
        }
        Set<BundleId> unwanted = new TreeSet<>(held.keySet());
        unwanted.removeAll(needed);
        unwanted.removeAll(allowed);
        for (BundleId id : unwanted) {
            LoadedBundles<?>.Lease lease = held.remove(id);
            if (lease != null) {
                lease.close();
            }
        }
    }

    private void hold(BundleId id) throws BundleException {
        if (!held.containsKey(id)) {
            held.put(id, bundles.acquire(id));
        }
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        // A bundle's own exception says more than what is below it.
        Throwable told = failure instanceof BundleException ? failure : root;
        String message = told.getMessage();
        return message == null || message.isBlank()
                ? told.getClass().getSimpleName()
                : message.lines().findFirst().orElse(message);
    }

    /** Gives all back. */
    @Override
    public void close() {
        held.values().forEach(LoadedBundles<?>.Lease::close);
        held.clear();
    }
}
