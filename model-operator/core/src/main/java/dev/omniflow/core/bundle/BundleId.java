package dev.omniflow.core.bundle;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Names one version of a bundle; written {@code name@version}.
 *
 * @param name letters, digits, dots and dashes
 * @param version semantic version
 */
public record BundleId(String name, String version) implements Comparable<BundleId> {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.+_-]*");

    public BundleId {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(version, "version");
        if (!PART.matcher(name).matches() || !PART.matcher(version).matches()) {
            throw new IllegalArgumentException(
                    "a bundle is written name@version, each of letters, digits and .+_-, not '"
                            + name
                            + "@"
                            + version
                            + "'");
        }
    }

    /** Reads {@code name@version}. */
    public static BundleId parse(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException(
                    "a bundle is written name@version, not '" + text + "'");
        }
        return new BundleId(text.substring(0, at), text.substring(at + 1));
    }

    @Override
    public int compareTo(BundleId other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : version.compareTo(other.version);
    }

    @Override
    public String toString() {
        return name + "@" + version;
    }
}
