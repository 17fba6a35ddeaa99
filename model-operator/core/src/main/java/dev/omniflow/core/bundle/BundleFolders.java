package dev.omniflow.core.bundle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Where a process finds bundles: folders that are bundles, and libraries, which hold bundles as
 * {@code name/version}. Thread-safe; looks at the disk each time, so a bundle may come later.
 */
public final class BundleFolders {
    private final List<Path> folders;
    private final List<Path> libraries;

    /**
     * @param folders each of them a bundle
     * @param libraries folders of bundles
     */
    public BundleFolders(List<Path> folders, List<Path> libraries) {
        this.folders = List.copyOf(folders);
        this.libraries = List.copyOf(libraries);
    }

    /** What the folders that are bundles hold. */
    public List<BundleId> named() throws BundleException {
        TreeMap<BundleId, Path> ids = new TreeMap<>();
        for (Path folder : folders) {
            ids.put(BundleReader.read(folder).id(), folder);
        }
        return List.copyOf(ids.keySet());
    }

    /** The bundle of that name and version, with its files verified. */
    public Bundle read(BundleId id) throws BundleException {
        return BundleReader.readVerified(describe(id).directory());
    }

    /** The bundle of that name and version, as it describes itself; its files are not looked at. */
    public Bundle describe(BundleId id) throws BundleException {
        List<BundleException> unreadable = new ArrayList<>();
        for (Path folder : folders) {
            try {
                Bundle bundle = BundleReader.read(folder);
                if (bundle.id().equals(id)) {
                    return bundle;
                }
            } catch (BundleException e) {
                // Another bundle's folder may be gone; this one's may be elsewhere.
                unreadable.add(e);
            }
        }
        for (Path library : libraries) {
            Path folder = library.resolve(id.name()).resolve(id.version());
            if (Files.isDirectory(folder)) {
                Bundle bundle = BundleReader.read(folder);
                if (!bundle.id().equals(id)) {
                    throw new BundleException(
                            "expected bundle " + id + " in " + folder + ", not " + bundle.id());
                }
                return bundle;
            }
        }
        BundleException missing = new BundleException("bundle " + id + " is not installed");
        unreadable.forEach(missing::addSuppressed);
        throw missing;
    }
}
